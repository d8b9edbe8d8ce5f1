/* The kernels for any machine. */
#define KERNELS_NAME "base"
#define KERNELS_TABLE kernels_base
#include "rule/kernel_body.h"
