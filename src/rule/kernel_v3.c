/* The kernels for x86-64-v3. */
#define KERNELS_NAME "v3"
#define KERNELS_TABLE kernels_v3
#include "rule/kernel_body.h"
