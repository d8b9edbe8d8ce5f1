/* Shared by the files of this module only. */
#ifndef XZ_DICTIONARY_PRIVATE_H
#define XZ_DICTIONARY_PRIVATE_H

#include "dictionary/dictionary.h"

/** Half-width form of a full-width ASCII character or ideographic space; anything else as it is. */
static inline uint32_t char_narrow(uint32_t c)
{
	if (c >= 0xFF01 && c <= 0xFF5E)
		return c - 0xFEE0;
	return c == 0x3000 || c == 0xA0 ? ' ' : c;
}

#endif
