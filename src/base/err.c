/* The error registry (api/errors.def) as a table, and the filling of error texts. */
#include "base/err.h"

#include <stdio.h>
#include <string.h>

static const struct err_info infos[ERR_CODE_COUNT] = {
	[ERR_OK] = { "ok", 200, "成功", "OK" },
#define ERR_ROW(name, http, slug, zh, en) [ERR_##name] = { slug, http, zh, en },
#include "errors.def"
#undef ERR_ROW
};

const struct err_info *err_info(enum err_code code)
{
	return &infos[(unsigned int)code < ERR_CODE_COUNT ? code : ERR_INTERNAL];
}

/** Cuts a half character off the end that snprintf left when the text did not fit. */
static void trim_half_character(char *text, size_t size)
{
	size_t len = strlen(text), start = len;

	if (len < size - 1)
		return;
	while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
		start--;
	if (start > 0 && (unsigned char)text[start - 1] >= 0xC0)
		text[start - 1] = '\0';
}

enum err_code err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return code;
	err->code = code;
	va_start(args, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, args);
	va_end(args);
	trim_half_character(err->msg, sizeof(err->msg));
	return code;
}

enum err_code err_prefix(struct err *err, const char *fmt, ...)
{
	char old[sizeof(err->msg)];
	va_list args;
	size_t len;

	if (!err)
		return ERR_INTERNAL;
	memcpy(old, err->msg, sizeof(old));
	va_start(args, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, args);
	va_end(args);
	len = strlen(err->msg);
	snprintf(err->msg + len, sizeof(err->msg) - len, "：%s", old);
	trim_half_character(err->msg, sizeof(err->msg));
	return err->code;
}

enum err_code err_nomem(struct err *err)
{
	return err_set(err, ERR_NOMEM, "内存不足");
}
