/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/output.h"

#include <string.h>

enum output_step
output_ask(CK_BYTE *out, CK_ULONG *out_len, size_t bound, bool exact,
    CK_RV *rv)
{
	if (out_len == NULL) {
		*rv = CKR_ARGUMENTS_BAD;
		return OUTPUT_DONE;
	}
	if (out != NULL && (!exact || *out_len >= bound))
		return OUTPUT_COMPUTE;
	*rv = out == NULL ? CKR_OK : CKR_BUFFER_TOO_SMALL;
	*out_len = bound;
	return OUTPUT_DONE;
}

CK_RV
output_give(struct view result, CK_BYTE *out, CK_ULONG *out_len)
{
	bool fits = *out_len >= result.len;

	*out_len = result.len;
	if (!fits)
		return CKR_BUFFER_TOO_SMALL;
	if (result.len != 0)
		memcpy(out, result.data, result.len);
	return CKR_OK;
}
