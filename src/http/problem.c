/* Errors as RFC 9457 problem documents. */
#include <stdio.h>

#include "http/http_private.h"

#define BASIS_OPEN "〔依据："
#define BASIS_CLOSE "〕"

bool problem_is_internal(enum err_code code)
{
	return code == ERR_DB || code == ERR_IO || code == ERR_CORRUPT || code == ERR_INTERNAL || code == ERR_NOMEM;
}

/** Where the last 〔依据： begins, or -1; the message must end in 〕. */
static ptrdiff_t basis_at(struct str msg)
{
	ptrdiff_t found = -1, next;
	size_t from = 0;

	if (!str_ends(msg, STR(BASIS_CLOSE)))
		return -1;
	while ((next = str_find(str_sub(msg, from, msg.len), STR(BASIS_OPEN))) >= 0) {
		found = (ptrdiff_t)from + next;
		from = (size_t)found + sizeof(BASIS_OPEN) - 1;
	}
	return found;
}

void problem_put(struct buf *out, enum err_code code, const char *msg, const char *field, const char *request_id)
{
	const struct err_info *info = err_info(code);
	struct str detail = str_of(msg);
	ptrdiff_t basis = basis_at(detail);
	struct json j;

	json_init(&j, out);
	json_obj(&j);
	json_key(&j, "type");
	{
		char type[80];

		snprintf(type, sizeof(type), "urn:xiezhi:problem:%s", info->slug);
		json_str(&j, str_of(type));
	}
	json_kputs(&j, "title", info->title_zh);
	json_kputs(&j, "title_en", info->title_en);
	json_ki64(&j, "status", info->http_status);
	if (problem_is_internal(code)) {
		char text[160];

		snprintf(text, sizeof(text), "操作没有完成，数据没有改变。请稍后再试；仍然如此时，请把请求编号 %s 告诉系统管理员",
			request_id);
		json_kputs(&j, "detail", text);
	} else if (basis >= 0) {
		json_kstr(&j, "detail", str_trim(str_sub(detail, 0, (size_t)basis)));
		json_kstr(&j, "article", str_sub(detail, (size_t)basis + sizeof(BASIS_OPEN) - 1, detail.len - (sizeof(BASIS_CLOSE) - 1)));
	} else {
		json_kstr(&j, "detail", detail.len ? detail : str_of(info->title_zh));
	}
	if (field && *field)
		json_kputs(&j, "field", field);
	json_kputs(&j, "request_id", request_id);
	json_obj_end(&j);
}
