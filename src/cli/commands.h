/* The commands of design/interface.md as rows. */
#ifndef XZ_CLI_COMMANDS_H
#define XZ_CLI_COMMANDS_H

#include "cli/context.h"

/** Ends with ERR_OK and *ret_found true when there are findings or a check failed: exit 1. */
typedef enum err_code command_run(const struct arguments *args, bool *ret_found, struct err *err);

struct command {
	const char *name;    /* "rules test" has two words */
	const char *usage;   /* positional arguments */
	const char *summary; /* one line, Chinese and English */
	const char *options; /* names it takes, separated by spaces */
	int positional_min, positional_max;
	command_run *run;
};

extern const struct command commands[];
extern const size_t command_count;

/** Finds the command, parses, runs, prints errors to standard error. Returns the exit code of the contract: 0, 1, 2 or 3. */
int command_main(int argc, const char **argv);

command_run cmd_version, cmd_init, cmd_serve, cmd_demo, cmd_import, cmd_export, cmd_check, cmd_sweep, cmd_rules_list, cmd_rules_show,
	cmd_rules_lint, cmd_rules_test, cmd_rules_coverage, cmd_rules_explain, cmd_rules_backtest, cmd_clock, cmd_audit_verify, cmd_backup,
	cmd_restore, cmd_openapi;

#endif
