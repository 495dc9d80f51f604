/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/db.h"

/* The PINs and seals of a token: what hangs on its row. */

/* The roles of seals beyond those of the PINs, see schema.c. */
enum {
	ROLE_PENDING = STORE_ROLES,
	ROLE_DEVICE = 2 * STORE_ROLES
};

/* Columns of SQL_TOKEN_GET. */
enum {
	COLUMN_PIN = 10, PIN_COLUMNS = 3,
	COLUMN_SEAL = COLUMN_PIN + STORE_ROLES * PIN_COLUMNS,
	SEAL_COLUMNS = 2
};

static bool
all_null(struct query *q, int col, int count)
{
	for (; count > 0; count--)
		if (!query_is_null(q, col++))
			return false;
	return true;
}

static CK_RV
get_index(struct query *q, int col, struct tpm_pin *index)
{
	struct buf b = BUF_EMPTY;
	CK_RV rv;

	if ((rv = query_get_blob(q, col, 0, ROW_PIN_MAX, &b)) == CKR_OK)
		rv = pin_row_decode(buf_view(&b), index);
	buf_free(&b);
	return query_decoded(q, rv);
}

static CK_RV
get_pin(struct query *q, int role, struct store_pin *p)
{
	int col = COLUMN_PIN + role * PIN_COLUMNS;
	CK_RV rv;

	if (all_null(q, col, PIN_COLUMNS))
		return CKR_OK;
	if ((rv = query_get_blob(q, col, 0, ROW_SALT_MAX,
	    &p->salt)) != CKR_OK ||
	    (rv = get_index(q, col + 1, &p->index)) != CKR_OK)
		return rv;
	return query_get_blob(q, col + 2, 0, ROW_WRAP_MAX, &p->auth_wrapped);
}

/* set: there is such a seal. */
static CK_RV
get_seal(struct query *q, int role, bool *set, struct tpm_blob *seal)
{
	int col = COLUMN_SEAL + role * SEAL_COLUMNS;
	CK_RV rv;

	*set = !all_null(q, col, SEAL_COLUMNS);
	if (!*set)
		return CKR_OK;
	if ((rv = query_get_blob(q, col, 0, ROW_AREA_MAX,
	    &seal->public_area)) != CKR_OK)
		return rv;
	return query_get_blob(q, col + 1, 0, ROW_AREA_MAX,
	    &seal->private_area);
}

CK_RV
pins_get(struct query *q, struct store_token *t)
{
	struct store_pin *p = t->pins;
	bool set;
	CK_RV rv;
	int i;

	for (i = 0; i < STORE_ROLES; i++, p++)
		if ((rv = get_pin(q, i, p)) != CKR_OK ||
		    (rv = get_seal(q, i, &p->set, &p->seal)) != CKR_OK ||
		    (rv = get_seal(q, ROLE_PENDING + i, &set,
		    &p->pending)) != CKR_OK)
			return rv;
	return get_seal(q, ROLE_DEVICE, &set, &t->device);
}

static CK_RV
put_seal(struct db *d, int64_t id, int role, bool set,
    const struct tpm_blob *seal)
{
	struct query q;
	CK_RV rv;

	if ((rv = query_start(&q, d, set ? SQL_SEAL_PUT :
	    SQL_SEAL_DELETE)) != CKR_OK)
		goto out;
	query_int(&q, id);
	query_int(&q, role);
	if (set) {
		query_blob(&q, buf_view(&seal->public_area));
		query_blob(&q, buf_view(&seal->private_area));
	}
	rv = query_run(&q);
out:
	query_end(&q);
	return rv;
}

static bool
is_there(const struct tpm_blob *seal)
{
	return seal->public_area.len > 0 || seal->private_area.len > 0;
}

static CK_RV
put_pin(struct db *d, int64_t id, int role, const struct store_pin *p)
{
	struct buf index = BUF_EMPTY;
	struct query q;
	CK_RV rv;

	if ((rv = query_start(&q, d, SQL_PIN_PUT)) != CKR_OK ||
	    (rv = pin_row_encode(&p->index, &index)) != CKR_OK)
		goto out;
	query_int(&q, id);
	query_int(&q, role);
	query_blob(&q, buf_view(&p->salt));
	query_blob(&q, buf_view(&index));
	query_blob(&q, buf_view(&p->auth_wrapped));
	rv = query_run(&q);
out:
	query_end(&q);
	buf_free(&index);
	return rv;
}

CK_RV
pins_put(struct db *d, const struct store_token *t)
{
	const struct store_pin *p = t->pins;
	CK_RV rv = CKR_OK;
	int i;

	for (i = 0; i < STORE_ROLES && rv == CKR_OK; i++, p++)
		if ((rv = put_pin(d, t->id, i, p)) == CKR_OK &&
		    (rv = put_seal(d, t->id, i, p->set, &p->seal)) == CKR_OK)
			rv = put_seal(d, t->id, ROLE_PENDING + i,
			    is_there(&p->pending), &p->pending);
	if (rv != CKR_OK)
		return rv;
	return put_seal(d, t->id, ROLE_DEVICE, is_there(&t->device),
	    &t->device);
}
