/* The kernels for x86-64-v2. */
#define KERNELS_NAME "v2"
#define KERNELS_TABLE kernels_v2
#include "rule/kernel_body.h"
