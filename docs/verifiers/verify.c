/* cc verify.c -o verify -lcbor -lcrypto; verify FRAMES KEY...  As verify.py, with libcbor and OpenSSL 3. */
#include <cbor.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_MAX = 16 };
typedef struct { unsigned char *bytes; size_t length; } Bytes;
static struct { unsigned char kid[8]; EVP_PKEY *key; } keys[KEYS_MAX];

static void need(int holds, const char *what) {
	if (!holds) { fprintf(stderr, "wrong: %s\n", what); exit(1); }
}

static Bytes fileOf(const char *path) {
	FILE *file = fopen(path, "rb");
	need(file != NULL && fseek(file, 0, SEEK_END) == 0, path);
	size_t length = ftell(file);
	Bytes all = { malloc(length + 1), length };
	rewind(file);
	need(all.bytes != NULL && fread(all.bytes, 1, length, file) == length, path);
	fclose(file);
	return all;
}

/* The one item at the start of `from`; `used`: its bytes. */
static cbor_item_t *itemOf(Bytes from, size_t *used) {
	struct cbor_load_result result;
	cbor_item_t *item = cbor_load(from.bytes, from.length, &result);
	need(item != NULL, "not CBOR");
	*used = result.read;
	return item;
}

/* The value under a label of a map, of the type asked for. */
static cbor_item_t *member(cbor_item_t *map, long label, cbor_type type) {
	need(cbor_isa_map(map), "not a map");
	for (size_t i = 0; i < cbor_map_size(map); i++) {
		cbor_item_t *key = cbor_map_handle(map)[i].key, *value = cbor_map_handle(map)[i].value;
		if (!cbor_is_int(key)) continue;
		long found = cbor_isa_uint(key) ? (long)cbor_get_int(key) : -1 - (long)cbor_get_int(key);
		if (found == label && cbor_typeof(value) == type) return value;
	}
	need(0, "a label is missing");
	return NULL;
}

static Bytes bytesOf(cbor_item_t *item, size_t length) {
	need(cbor_isa_bytestring(item) && cbor_bytestring_is_definite(item), "not a byte string");
	Bytes bytes = { cbor_bytestring_handle(item), cbor_bytestring_length(item) };
	need(length == 0 || bytes.length == length, "a byte string's length");
	return bytes;
}

static void loadKey(const char *path, int place) {
	unsigned char point[65] = { 4 }, hash[32];
	size_t used;
	Bytes raw = fileOf(path); /* {1: 2 (EC2), -1: 1 (P-256), -2: x, -3: y}, in this order: what the kid is the hash of */
	cbor_item_t *key = itemOf(raw, &used);
	memcpy(point + 1, bytesOf(member(key, -2, CBOR_TYPE_BYTESTRING), 32).bytes, 32);
	memcpy(point + 33, bytesOf(member(key, -3, CBOR_TYPE_BYTESTRING), 32).bytes, 32);
	OSSL_PARAM parts[] = { OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 5),
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)), OSSL_PARAM_END };
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	need(EVP_PKEY_fromdata_init(context) == 1, "EC");
	need(EVP_PKEY_fromdata(context, &keys[place].key, EVP_PKEY_PUBLIC_KEY, parts) == 1, "not a point of P-256");
	memcpy(keys[place].kid, SHA256(raw.bytes, raw.length, hash), 8);
}

/* The payload of the first frame of `from`, whose signature is good; `frameBytes`: the frame's. */
static cbor_item_t *verify(Bytes from, size_t *frameBytes) {
	size_t used, length;
	unsigned char *sigStructure, *der = NULL;
	need(from.bytes[0] == 0xd2, "not a COSE_Sign1"); /* tag 18, by hand: libcbor 0.8 does not know it */
	cbor_item_t *four = itemOf((Bytes){ from.bytes + 1, from.length - 1 }, &used);
	*frameBytes = 1 + used;
	need(cbor_isa_array(four) && cbor_array_size(four) == 4, "not four items");
	cbor_item_t **part = cbor_array_handle(four);
	cbor_item_t *header = itemOf(bytesOf(part[0], 0), &used);
	long algorithm = -1 - (long)cbor_get_int(member(header, 1, CBOR_TYPE_NEGINT));
	need(algorithm == -9 || algorithm == -7, "alg");
	need(cbor_get_int(member(header, 3, CBOR_TYPE_UINT)) == 60, "content type");
	need(cbor_isa_map(part[1]) && cbor_map_size(part[1]) == 0, "the unprotected header is not empty");
	EVP_PKEY *key = NULL;
	for (int i = 0; i < KEYS_MAX && keys[i].key; i++)
		if (memcmp(keys[i].kid, bytesOf(member(header, 4, CBOR_TYPE_BYTESTRING), 8).bytes, 8) == 0) key = keys[i].key;
	need(key != NULL, "unknown key");
	cbor_item_t *toBeSigned = cbor_new_definite_array(4); /* the header's bytes as they came */
	need(cbor_array_push(toBeSigned, cbor_build_string("Signature1")) && cbor_array_push(toBeSigned, part[0])
		&& cbor_array_push(toBeSigned, cbor_build_bytestring((cbor_data)"", 0)) && cbor_array_push(toBeSigned, part[2]), "memory");
	length = cbor_serialize_alloc(toBeSigned, &sigStructure, &used);
	const unsigned char *rs = bytesOf(part[3], 64).bytes;
	ECDSA_SIG *signature = ECDSA_SIG_new();
	need(ECDSA_SIG_set0(signature, BN_bin2bn(rs, 32, NULL), BN_bin2bn(rs + 32, 32, NULL)) == 1, "memory");
	int derLength = i2d_ECDSA_SIG(signature, &der); /* what OpenSSL takes instead of r and s */
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	need(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1, "SHA-256");
	need(EVP_DigestVerify(context, der, derLength, sigStructure, length) == 1, "the signature");
	return itemOf(bytesOf(part[2], 0), &used);
}

int main(int count, char **arguments) {
	unsigned char before[32];
	unsigned long long number = 0, last = 0;
	size_t used, frames = 0;
	need(count > 2 && count - 2 < KEYS_MAX, "usage: verify FRAMES KEY...");
	for (int i = 2; i < count; i++) loadKey(arguments[i], i - 2);
	for (Bytes rest = fileOf(arguments[1]); rest.length > 0; rest.bytes += used, rest.length -= used, frames++, last = number) {
		cbor_item_t *payload = verify(rest, &used);
		number = cbor_get_int(member(payload, 2, CBOR_TYPE_UINT));
		need(frames == 0 || number == last + 1, "the sequence number");
		need(frames == 0 || memcmp(bytesOf(member(payload, 7, CBOR_TYPE_BYTESTRING), 16).bytes, before, 16) == 0, "the hash");
		SHA256(rest.bytes, used, before);
	}
	printf("%zu frames verified\n", frames);
	return 0;
}
