/* Typed events at the edges of the program: one line a event, key=value, to standard error. A handled error is logged once. */
#ifndef XZ_BASE_LOG_H
#define XZ_BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/** Events above this level are dropped; LOG_INFO at start. */
void log_set_level(enum log_level level);
/** log_event(LOG_WARN, "import.rejected", "file=%s row=%d", …) */
__attribute__((format(printf, 3, 4))) void log_event(enum log_level level, const char *event, const char *fmt, ...);

#endif
