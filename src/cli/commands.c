/* Dispatch: find the row, check the arguments, run, turn the outcome into the exit code that scripts rely on. */
#include "cli/commands.h"

#include <stdio.h>
#include <string.h>

#define STORE "data database profile rules dictionary today node "

const struct command commands[] = {
	{ "init", "", "建立数据目录和第一个账号；重复执行不改变任何东西 / make the store and the first account", STORE "admin", 0, 0,
		cmd_init },
	{ "serve", "", "提供接口、网页和后台任务 / serve API, pages and jobs", STORE "listen threads public-check public-url", 0, 0,
		cmd_serve },
	{ "demo", "", "用合成的演示城市填满空库，写出 answer-key.json / fill an empty store with a synthetic city", STORE "size seed", 0, 0,
		cmd_demo },
	{ "import", "FILE…", "导入表格；逐表识别字段映射 / import spreadsheets", STORE "as mapping json", 1, ARGUMENTS_MAX, cmd_import },
	{ "export", "TYPE", "导出记录 / export records", STORE "format out as-of", 1, 1, cmd_export },
	{ "check", "FILE…", "不建库，直接对文件运行规则 / run the rules over files without a store",
		"as mapping dictionary rules profile today as-of format json out limit workers", 1, ARGUMENTS_MAX, cmd_check },
	{ "sweep", "", "对库中记录运行全部规则并保存线索 / run the rules over the store", STORE "as-of dry-run json workers engine", 0, 0,
		cmd_sweep },
	{ "rules list", "", "规则一览 / the rules", "rules profile dictionary json", 0, 0, cmd_rules_list },
	{ "rules show", "RULE", "一条规则的全部内容 / one rule", "rules profile dictionary json", 1, 1, cmd_rules_show },
	{ "rules lint", "", "检查规则：未知字段、恒真恒假、缺少依据 / check the rules", "rules profile dictionary json", 0, 0,
		cmd_rules_lint },
	{ "rules test", "[RULE]", "运行规则自带的例子 / run the rules' own examples", "rules profile dictionary today json cross-fire", 0,
		1, cmd_rules_test },
	{ "rules coverage", "", "规则与测试种类的对照表（Markdown） / which kinds of tests each rule has", "rules profile dictionary", 0, 0,
		cmd_rules_coverage },
	{ "rules explain", "RULE KEY", "逐项解释一条记录 / explain one record term by term", STORE "as-of json", 2, 2, cmd_rules_explain },
	{ "rules backtest", "FILE", "改动后的规则与现行规则在全部记录上的差别 / a changed rule against the one in force", STORE "json", 1,
		1, cmd_rules_backtest },
	{ "clock", "START LENGTH [UNIT]", "计算期限并说明怎样算出 / count a period and say how",
		"law pause extend no-rollover profile today json", 1, 3, cmd_clock },
	{ "audit verify", "", "核验留痕链 / verify the audit chain", STORE "json", 0, 0, cmd_audit_verify },
	{ "backup", "FILE", "备份（服务运行中也一致） / consistent backup, also while serving", STORE, 1, 1, cmd_backup },
	{ "restore", "FILE", "恢复到空库 / restore into an empty store", STORE, 1, 1, cmd_restore },
	{ "openapi", "", "打印接口说明 / print the API description", "", 0, 0, cmd_openapi },
	{ "version", "", "版本、构建选项、库结构与规则包版本 / versions", "rules profile json", 0, 0, cmd_version },
};
const size_t command_count = sizeof(commands) / sizeof(commands[0]);

static void print_usage(void)
{
	printf("獬豸 Xiezhi %s — 行政执法协调监督 / supervision of administrative law enforcement\n\nxiezhi COMMAND [OPTIONS]\n\n",
		XZ_VERSION);
	for (size_t i = 0; i < command_count; i++)
		printf("  %-15s%-20s %s\n", commands[i].name, commands[i].usage, commands[i].summary);
	printf("\nxiezhi COMMAND --help\n");
}

static void print_help(const struct command *command)
{
	printf("xiezhi %s %s\n%s\n\n", command->name, command->usage, command->summary);
	options_print(command->options);
}

/** The row whose words start the command line; *ret_words tells how many it took. */
static const struct command *find(int argc, const char *const *argv, int *ret_words)
{
	for (size_t i = 0; i < command_count; i++) {
		const char *space = strchr(commands[i].name, ' ');

		if (!space && strcmp(argv[0], commands[i].name) == 0) {
			*ret_words = 1;
			return &commands[i];
		}
		if (space && argc > 1 && strlen(argv[0]) == (size_t)(space - commands[i].name) &&
			strncmp(argv[0], commands[i].name, strlen(argv[0])) == 0 && strcmp(argv[1], space + 1) == 0) {
			*ret_words = 2;
			return &commands[i];
		}
	}
	return NULL;
}

/** Bad usage and bad input are 2; what the environment or the program did wrong is 3. */
static int exit_code(enum err_code code)
{
	switch (code) {
	case ERR_OK:
		return 0;
	case ERR_INPUT:
	case ERR_SYNTAX:
	case ERR_UNSUPPORTED:
	case ERR_NOT_FOUND:
	case ERR_LIMIT:
	case ERR_CONFLICT:
	case ERR_STATE:
	case ERR_UNIQUE:
	case ERR_REFERENCE:
	case ERR_BLOCKED:
	case ERR_FORBIDDEN:
		return 2;
	case ERR_NOMEM:
	case ERR_UNAUTHENTICATED:
	case ERR_METHOD:
	case ERR_LOCKED:
	case ERR_RETRY:
	case ERR_IO:
	case ERR_DB:
	case ERR_CORRUPT:
	case ERR_INTERNAL:
	case ERR_CODE_COUNT:
		break;
	}
	return 3;
}

static enum err_code run(const struct command *command, const struct arguments *args, bool *ret_found, struct err *err)
{
	if (args->positional_count < command->positional_min || args->positional_count > command->positional_max)
		return err_set(err, ERR_INPUT, "用法：xiezhi %s %s（--help 看选项）", command->name, command->usage);
	return command->run(args, ret_found, err);
}

int command_main(int argc, const char **argv)
{
	static struct arguments args;
	const struct command *command;
	struct err err = { 0 };
	bool found = false;
	int words = 0;
	enum err_code code;

	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		print_usage();
		return argc < 2 ? 2 : 0;
	}
	if (strcmp(argv[1], "--version") == 0)
		argv[1] = "version";
	command = find(argc - 1, argv + 1, &words);
	if (!command) {
		fprintf(stderr, "xiezhi: 没有命令 %s；xiezhi --help 列出全部命令\n", argv[1]);
		return 2;
	}
	code = arguments_parse(argc - 1 - words, argv + 1 + words, command->options, &args, &err);
	if (code == ERR_OK && args.help) {
		print_help(command);
		return 0;
	}
	if (code == ERR_OK)
		code = run(command, &args, &found, &err);
	if (code != ERR_OK) {
		fprintf(stderr, "xiezhi %s: %s\n", command->name, err.msg);
		return exit_code(code);
	}
	return found ? 1 : 0;
}
