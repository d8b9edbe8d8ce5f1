/* The kernels for x86-64-v4. */
#define KERNELS_NAME "v4"
#define KERNELS_TABLE kernels_v4
#include "rule/kernel_body.h"
