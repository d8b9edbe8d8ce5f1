/* What agencies publish, for the register's generator. */
#ifndef XZ_DEMO_AGENCY_PUBLIC_H
#define XZ_DEMO_AGENCY_PUBLIC_H

#include "demo/demo_private.h"

/** What the agency publishes and when, into its row. */
void agency_public_to_rows(const struct agency *a, const struct world *w, struct rows *r);

extern const struct theme agency_public;

#endif
