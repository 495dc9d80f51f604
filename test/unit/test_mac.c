/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto_test.h"

#include "crypto/mac.h"

/*
 * Keys: 20 times 0b over "Hi There" (RFC 4231, test case 1; RFC 2202 for
 * SHA-1; NIST's for SHA-3); nothing over nothing; 200 times aa over "Test",
 * which is longer than any block. The values are those of Python's hmac,
 * which agrees with the RFCs.
 */
static const struct known {
	CK_MECHANISM_TYPE mech;
	const char *usual;
	const char *empty;
	const char *long_key;
} known[] = {
	{ CKM_SHA_1,
	    "b617318655057264e28bc0b6fb378c8ef146be00",
	    "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d",
	    "38fc78929099e190a603440e9a62a5594d795880" },
	{ CKM_SHA224,
	    "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22",
	    "5ce14f72894662213e2748d2a6ba234b74263910cedde2f5a9271524",
	    "fbd14a8025ab79fba57667f3e9329e84f7583adb1c2b7205a0bc4a21" },
	{ CKM_SHA256,
	    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c"
	    "2e32cff7",
	    "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c71214"
	    "4292c5ad",
	    "1de264fb3b73d93c143d2d5db2e5703077aa63966a027410f88a6145"
	    "2e5c87aa" },
	{ CKM_SHA384,
	    "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c"
	    "7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
	    "6c1f2ee938fad2e24bd91298474382ca218c75db3d83e114b3d43677"
	    "76d14d3551289e75e8209cd4b792302840234adc",
	    "7320a5ad3f6fe8a4090663ad638127224c6153f7252147bbde872130"
	    "59635dfb835bc1c23ef960614c2c01a7ee8717b8" },
	{ CKM_SHA512,
	    "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b305"
	    "45e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f170"
	    "2e696c203a126854",
	    "b936cee86c9f87aa5d3c6f2e84cb5a4239a5fe50480a6ec66b70ab5b"
	    "1f4ac6730c6c515421b327ec1d69402e53dfb49ad7381eb067b338fd"
	    "7b0cb22247225d47",
	    "8eb8de1d2ea442cda6165aa90fea5d4c89413eb0ea2446a06335d2ae"
	    "c8270e650246cddd165782756c49d1d0b54593817f4950172e5dbd10"
	    "6f11b3449260cc50" },
	{ CKM_SHA512_224,
	    "b244ba01307c0e7a8ccaad13b1067a4cf6b961fe0c6a20bda3d92039",
	    "de43f6b96f2d08cebe1ee9c02c53d96b68c1e55b6c15d6843b410d4c",
	    "3c050f9ae91b8ce4f526705f64bc279ecfa57d49d225149bbafe1e6c" },
	{ CKM_SHA512_256,
	    "9f9126c3d9c3c330d760425ca8a217e31feae31bfe70196ff81642b8"
	    "68402eab",
	    "b79c9951df595274582dc094a1ba46c33e4a36878b2d83cb8553f0fe"
	    "467dcdcf",
	    "b19819c9e8f2686077649253f2c4ee47cd1b38a2229ac5a0efdb2fd4"
	    "7ae2cc88" },
	{ CKM_SHA3_224,
	    "3b16546bbc7be2706a031dcafd56373d9884367641d8c59af3c860f7",
	    "1b9044e0d5bb4ef944bc00f1b26c483ac3e222f4640935d089a49083",
	    "e9dac368eb2ed940989fefd3b379dd49db0414a511989a15b0b1812a" },
	{ CKM_SHA3_256,
	    "ba85192310dffa96e2a3a40e69774351140bb7185e1202cdcc917589"
	    "f95e16bb",
	    "e841c164e5b4f10c9f3985587962af72fd607a951196fc92fb3a5251"
	    "941784ea",
	    "262af4afbc4bd38c3b37f4a6f83bdf25e561bd36cb9a59be6e480b7c"
	    "54059f25" },
	{ CKM_SHA3_384,
	    "68d2dcf7fd4ddd0a2240c8a437305f61fb7334cfb5d0226e1bc27dc1"
	    "0a2e723a20d370b47743130e26ac7e3d532886bd",
	    "adca89f07bbfbeaf58880c1572379ea2416568fd3b66542bd42599c5"
	    "7c4567e6ae086299ea216c6f3e7aef90b6191d24",
	    "7a6facc9a058cd245bfea220863bd58d70930fd9cbad6a9c43e8d035"
	    "9ce42aa7f665fda99f9a23efee13e6784e03d032" },
	{ CKM_SHA3_512,
	    "eb3fbd4b2eaab8f5c504bd3a41465aacec15770a7cabac531e482f86"
	    "0b5ec7ba47ccb2c6f2afce8f88d22b6dc61380f23a668fd3888bb805"
	    "37c0a0b86407689e",
	    "cbcf45540782d4bc7387fbbf7d30b3681d6d66cc435cafd82546b0fc"
	    "e96b367ea79662918436fba442e81a01d0f9592dfcd30f7a7a8f1475"
	    "693d30be4150ca84",
	    "40aa22f795ce7ac6c21481b13813039d10ad7178aac397bef4769868"
	    "cbb96d3f05c6153d2ae2406bf40f9a567b3719d5178473c994c6faf4"
	    "209f73dea224b48a" },
};

static void
check(const struct hash *h, struct view key, const struct view *parts,
    size_t count, const char *wanted)
{
	struct buf out = BUF_EMPTY;

	assert_int_equal(buf_resize(&out, h->size), CKR_OK);
	assert_int_equal(hmac_once(h, key, parts, count, out.data), CKR_OK);
	assert_hex(&out, wanted);
	buf_free(&out);
}

static void
each_hash_gives_the_known_hmac(void **state)
{
	struct view parts[] = { view_str("Hi "), VIEW_EMPTY,
	    view_str("There") };
	uint8_t key[20];
	size_t i;

	(void)state;
	memset(key, 0x0b, sizeof(key));
	for (i = 0; i < ARRAY_LEN(known); i++)
		check(hash_by_mech(known[i].mech), view_of(key, sizeof(key)),
		    parts, ARRAY_LEN(parts), known[i].usual);
}

/* A TPM session that is neither bound nor salted has an empty key. */
static void
an_empty_key_is_a_key(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(known); i++)
		check(hash_by_mech(known[i].mech), VIEW_EMPTY, NULL, 0,
		    known[i].empty);
}

static void
a_key_longer_than_a_block_is_hashed(void **state)
{
	struct view text = view_str("Test");
	uint8_t key[200];
	size_t i;

	(void)state;
	memset(key, 0xaa, sizeof(key));
	for (i = 0; i < ARRAY_LEN(known); i++)
		check(hash_by_mech(known[i].mech), view_of(key, sizeof(key)),
		    &text, 1, known[i].long_key);
}

/* What one call put into a context must not show in the next. */
static void
calls_do_not_see_each_others_keys(void **state)
{
	const struct hash *h = hash_by_mech(CKM_SHA256);
	struct view text = view_str("Hi There");
	uint8_t key[20], other[32];

	(void)state;
	memset(key, 0x0b, sizeof(key));
	assert_int_equal(hmac_once(h, view_str("other"), &text, 1, other),
	    CKR_OK);
	check(h, view_of(key, sizeof(key)), &text, 1, known[2].usual);
	check(h, VIEW_EMPTY, NULL, 0, known[2].empty);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_hash_gives_the_known_hmac),
		cmocka_unit_test(an_empty_key_is_a_key),
		cmocka_unit_test(a_key_longer_than_a_block_is_hashed),
		cmocka_unit_test(calls_do_not_see_each_others_keys),
	};

	return RUN_CRYPTO(tests);
}
