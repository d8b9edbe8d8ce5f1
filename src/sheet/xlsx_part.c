/* Zip entries and XML of workbooks, with the limits that keep a hostile file from taking the machine along. */
#include <inttypes.h>
#include <stdlib.h>

#include "sheet/xlsx_private.h"

#define RATIO_FROM_BYTES ((int64_t)32 << 20)

enum err_code part_open(zip_t *zip, const char *name, const char *shown, struct part *ret, struct err *err)
{
	zip_stat_t st;
	zip_int64_t index = zip_name_locate(zip, name, ZIP_FL_NOCASE);

	*ret = (struct part){ .shown = shown };
	if (index < 0)
		return ERR_OK;
	if (zip_stat_index(zip, (zip_uint64_t)index, 0, &st) != 0 || !(st.valid & ZIP_STAT_COMP_SIZE))
		return err_set(err, ERR_SYNTAX, "%s：工作簿已损坏，无法读取其中的 %s", shown, name);
	ret->packed = (int64_t)st.comp_size;
	if ((st.valid & ZIP_STAT_SIZE) && st.size > (zip_uint64_t)SHEET_ZIP_PLAIN_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "%s：工作簿解压后超过 4 GiB，拒绝读取（疑似压缩炸弹）", shown);
	if ((st.valid & ZIP_STAT_ENCRYPTION_METHOD) && st.encryption_method != ZIP_EM_NONE)
		return err_set(err, ERR_UNSUPPORTED, "%s：工作簿已加密，请去掉密码后再导入", shown);
	ret->file = zip_fopen_index(zip, (zip_uint64_t)index, 0);
	if (!ret->file)
		return err_set(err, ERR_SYNTAX, "%s：工作簿已损坏，无法读取其中的 %s", shown, name);
	return ERR_OK;
}

void part_close(struct part *p)
{
	if (p->file)
		zip_fclose(p->file);
	p->file = NULL;
}

enum err_code part_read(struct part *p, void *to, size_t size, size_t *ret_len, struct err *err)
{
	zip_int64_t got = zip_fread(p->file, to, size);

	if (got < 0)
		return err_set(err, ERR_SYNTAX, "%s：工作簿已损坏或不完整（解压失败），请重新下载或另存后再导入", p->shown);
	p->plain += got;
	if (p->plain > SHEET_ZIP_PLAIN_BYTES_MAX || (p->plain > RATIO_FROM_BYTES && p->plain / SHEET_ZIP_RATIO_MAX > p->packed))
		return err_set(err, ERR_LIMIT, "%s：工作簿的压缩比超过 %d 倍或解压后超过 4 GiB，拒绝读取（疑似压缩炸弹）", p->shown,
			SHEET_ZIP_RATIO_MAX);
	*ret_len = (size_t)got;
	return ERR_OK;
}

/** With XML_UseParserAsHandlerArg unavailable for one handler alone, the context begins with the parser it belongs to. */
static void refuse_doctype(void *ctx, const XML_Char *name, const XML_Char *system_id, const XML_Char *public_id, int internal)
{
	struct xml_ctx *x = ctx;

	(void)name, (void)system_id, (void)public_id, (void)internal;
	XML_StopParser(x->parser, XML_FALSE);
}

XML_Parser xml_open(struct xml_ctx *ctx, XML_StartElementHandler on_start, XML_EndElementHandler on_end, XML_CharacterDataHandler on_text)
{
	XML_Parser parser = XML_ParserCreate(NULL);

	if (!parser)
		return NULL;
	ctx->parser = parser;
	XML_SetUserData(parser, ctx);
	XML_SetStartDoctypeDeclHandler(parser, refuse_doctype);
	XML_SetElementHandler(parser, on_start, on_end);
	XML_SetCharacterDataHandler(parser, on_text);
	return parser;
}

enum err_code xml_failed(XML_Parser parser, const char *part, const char *shown, struct err *err)
{
	enum XML_Error code = XML_GetErrorCode(parser);
	const char *why = "不是合法的 XML";

	if (code == XML_ERROR_NO_MEMORY)
		return err_nomem(err);
	if (code == XML_ERROR_NO_ELEMENTS || code == XML_ERROR_UNCLOSED_TOKEN)
		why = "内容不完整";
	else if (code == XML_ERROR_ABORTED)
		why = "含有文档类型或实体定义，出于安全拒绝读取";
	return err_set(err, ERR_SYNTAX, "%s：工作簿的 %s 第 %lu 行第 %lu 列：%s", shown, part,
		(unsigned long)XML_GetCurrentLineNumber(parser), (unsigned long)XML_GetCurrentColumnNumber(parser) + 1, why);
}

enum err_code part_parse(zip_t *zip, const char *name, const char *shown, struct xml_ctx *ctx, XML_StartElementHandler on_start,
	XML_EndElementHandler on_end, XML_CharacterDataHandler on_text, struct err *err)
{
	struct part part;
	XML_Parser parser;
	enum err_code code;
	size_t len = 1;

	TRY(part_open(zip, name, shown, &part, err));
	if (!part.file)
		return err_set(err, ERR_NOT_FOUND, "%s：工作簿里没有 %s", shown, name);
	parser = xml_open(ctx, on_start, on_end, on_text);
	code = parser ? ERR_OK : err_nomem(err);
	while (code == ERR_OK && len > 0) {
		void *to = XML_GetBuffer(parser, PART_CHUNK_BYTES);

		code = to ? part_read(&part, to, PART_CHUNK_BYTES, &len, err) : err_nomem(err);
		if (code == ERR_OK && XML_ParseBuffer(parser, (int)len, len == 0) == XML_STATUS_ERROR)
			code = xml_failed(parser, name, shown, err);
	}
	if (parser)
		XML_ParserFree(parser);
	part_close(&part);
	return code;
}

const char *xml_local(const char *name)
{
	const char *colon = strchr(name, ':');

	return colon ? colon + 1 : name;
}

const char *xml_attr(const char **attrs, const char *name)
{
	for (; attrs[0]; attrs += 2)
		if (strcmp(attrs[0], name) == 0)
			return attrs[1];
	return NULL;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

size_t xlsx_unescape(char *p, size_t len)
{
	size_t out = 0;

	for (size_t i = 0; i < len;) {
		if (p[i] == '_' && i + 7 <= len && p[i + 1] == 'x' && p[i + 6] == '_') {
			int code = 0;

			for (int k = 2; k < 6 && code >= 0; k++) {
				int digit = hex_value(p[i + k]);

				code = digit < 0 ? -1 : code * 16 + digit;
			}
			if (code > 0 && (code < 0xD800 || code > 0xDFFF)) {
				out += utf8_put((uint32_t)code, p + out); /* at most 3 bytes for 7 */
				i += 7;
				continue;
			}
		}
		p[out++] = p[i++];
	}
	return out;
}

bool cell_ref(const char *ref, size_t *ret_column, int64_t *ret_row)
{
	size_t column = 0;
	int64_t row = 0;
	int letters = 0, digits = 0;

	if (*ref == '$')
		ref++;
	for (; (*ref >= 'A' && *ref <= 'Z') || (*ref >= 'a' && *ref <= 'z'); ref++) {
		if (++letters > 4)
			return false;
		column = column * 26 + (size_t)((*ref & 0x1F));
	}
	if (*ref == '$')
		ref++;
	for (; *ref >= '0' && *ref <= '9'; ref++) {
		if (++digits > 9)
			return false;
		row = row * 10 + (*ref - '0');
	}
	if (letters == 0 || digits == 0 || row == 0)
		return false;
	*ret_column = column - 1;
	*ret_row = row;
	return true;
}
