/* Identifiers: the last one given, advanced by the clock or by one, whichever is later; a lock-free loop. */
#include "base/id.h"

#include <assert.h>
#include <stdatomic.h>

#include "base/date.h"

#define EPOCH_2020_MS 1577836800000ll
#define COUNTER_BITS 16
#define NODE_BITS 6

void id_source_init(struct id_source *s, int node, int64_t fixed_ms)
{
	assert(node >= 0 && node < 1 << NODE_BITS);
	s->last = 0;
	s->node = node;
	s->fixed_ms = fixed_ms;
}

int64_t id_new(struct id_source *s)
{
	int64_t now_ms = s->fixed_ms > 0 ? s->fixed_ms : time_now_ms();
	int64_t tick = (now_ms - EPOCH_2020_MS) << COUNTER_BITS; /* milliseconds and counter as one number, without the node */
	int64_t last = s->last, next;

	do {
		next = tick > last ? tick : last + 1;
	} while (!atomic_compare_exchange_weak_explicit(&s->last, &last, next, memory_order_relaxed, memory_order_relaxed));
	return (next >> COUNTER_BITS) << (COUNTER_BITS + NODE_BITS) | (int64_t)s->node << COUNTER_BITS | (next & ((1 << COUNTER_BITS) - 1));
}
