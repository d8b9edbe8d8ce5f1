/* One line an event on standard error; the level is the only state. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/date.h"

static enum log_level max_level = LOG_INFO;

void log_set_level(enum log_level level)
{
	max_level = level;
}

void log_event(enum log_level level, const char *event, const char *fmt, ...)
{
	static const char *const names[] = { "error", "warn", "info", "debug" };
	char line[2048], at[25];
	va_list args;

	if (level > max_level)
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	for (char *c = line; *c; c++)
		if (*c == '\n' || *c == '\r')
			*c = ' ';
	time_format(time_now_ms(), at);
	fprintf(stderr, "%s %s %s %s\n", at, names[level], event, line);
}
