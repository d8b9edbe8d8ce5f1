/* Handlers of import_api.c, whose rows stand in the one route table of the module (record_api.c). */
#ifndef XZ_RECORD_API_PRIVATE_H
#define XZ_RECORD_API_PRIVATE_H

#include "record/record_private.h"

struct import_mapping_body {
	struct str mapping, type, save_as, sender;
	struct str columns; /* JSON {column: {from, unit?}} */
};
extern const struct field import_mapping_fields[];

route_handler imports_post, imports_get, import_get_route, import_mapping_put, import_run_post, import_undo_post, import_rejects_get;

/* clang-format off */
#define IMPORT_ROUTES \
	{ HTTP_POST, "/api/imports", imports_post, .roles = ROLE_BODY | ROLE_TOWNSHIP, .scope = SCOPE_ORG, .upload = true, \
	  .summary = "上传一个导入文件并识别表头", .answers = "{id}" }, \
	{ HTTP_GET, "/api/imports", imports_get, .roles = ROLE_BODY, .scope = SCOPE_ORG, .summary = "导入记录，新的在前", .answers = "{items,next}" }, \
	{ HTTP_GET, "/api/imports/{id}", import_get_route, .roles = ROLE_BODY | ROLE_TOWNSHIP, .scope = SCOPE_ORG, \
	  .summary = "一次导入：表头、样例、对应关系、进度、结果", .answers = "import" }, \
	{ HTTP_PUT, "/api/imports/{id}/mapping", import_mapping_put, .roles = ROLE_BODY | ROLE_TOWNSHIP, .scope = SCOPE_ORG, \
	  ROUTE_BODY(struct import_mapping_body, import_mapping_fields), .summary = "确定类型和列的对应关系，可存为该单位的固定映射", .answers = "import" }, \
	{ HTTP_POST, "/api/imports/{id}/run", import_run_post, .roles = ROLE_BODY | ROLE_TOWNSHIP, .scope = SCOPE_ORG, .summary = "开始导入", .answers = "{job_id}" }, \
	{ HTTP_POST, "/api/imports/{id}/undo", import_undo_post, .roles = ROLE_BODY, .scope = SCOPE_ORG, .summary = "整批撤销", .answers = "import" }, \
	{ HTTP_GET, "/api/imports/{id}/rejects", import_rejects_get, .roles = ROLE_BODY | ROLE_TOWNSHIP, .scope = SCOPE_ORG, \
	  .summary = "被退回的行，附错误原因，改后可再导入", .answers = "file" },
/* clang-format on */

#endif
