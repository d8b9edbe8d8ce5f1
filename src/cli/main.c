/* The program. */
#include "cli/commands.h"

int main(int argc, char **argv);

int main(int argc, char **argv)
{
	return command_main(argc, (const char **)argv);
}
