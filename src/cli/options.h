/* The command line as tables: which commands exist, which options each takes, what --help prints. */
#ifndef XZ_CLI_OPTIONS_H
#define XZ_CLI_OPTIONS_H

#include <stdbool.h>

#include "base/err.h"

/** An option that some command takes. */
struct option_row {
	const char *name;  /* without the dashes */
	const char *value; /* name of its value in the help text, NULL for a switch */
	const char *help;
};

#define ARGUMENTS_MAX 4096
#define OPTIONS_SET_MAX 32

/** A parsed command line; texts are argv's. */
struct arguments {
	const char *positional[ARGUMENTS_MAX];
	int positional_count;
	struct {
		const char *name, *value;
	} set[OPTIONS_SET_MAX];
	int set_count;
	bool help;
};

/** Parses what follows the command's name. `allowed` is a space-separated list of option names. ERR_INPUT says what is allowed. */
enum err_code arguments_parse(int argc, const char *const *argv, const char *allowed, struct arguments *ret, struct err *err);
/** Value of an option, "" for a given switch, NULL when it was not given. The n-th occurrence, from 0. */
const char *argument_nth(const struct arguments *args, const char *name, int n);
/** The first occurrence. */
const char *argument(const struct arguments *args, const char *name);
/** Prints the rows of the allowed options. */
void options_print(const char *allowed);

#endif
