"""Verifies a file of frames with python3-cbor2 and python3-cryptography: nothing of ours.

Usage: python3 verify.py FILE KEYFILE
FILE: a CBOR sequence of tagged COSE_Sign1; KEYFILE: the public COSE_Key of the board. Checks for every frame signature,
deterministic encoding, sequence and hash chain. Prints one line; exit 0 all good, 1 a frame is not, 2 cannot be run so.
"""
import hashlib
import io
import sys

try:
    import cbor2
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
except ImportError as missing:
    print(f"cannot run: {missing}", file=sys.stderr)
    sys.exit(2)

ALGORITHMS = {-9: "ESP256", -7: "ES256"}


def check(condition, reason):
    if not condition:
        raise ValueError(reason)


def canonical(value):
    """Canonical encoding of what was decoded; a decimal fraction keeps its exponent and mantissa on the way."""
    return cbor2.dumps(value, canonical=True)


def ordered(data):
    """Map keys in the bytewise order of their encodings, everywhere (RFC 8949 section 4.2.1).

    cbor2's canonical mode orders by length first (section 4.2.3): the same wherever keys encode to one byte."""
    if isinstance(data, dict):
        keys = [cbor2.dumps(key, canonical=True) for key in data]
        check(keys == sorted(keys), "map keys are not in bytewise order")
        check(all(len(key) == 1 for key in keys), "a map key of more than one byte: compare by hand")
        for value in data.values():
            ordered(value)
    elif isinstance(data, (list, tuple)):
        for value in data:
            ordered(value)
    elif isinstance(data, cbor2.CBORTag):
        raise ValueError(f"tag {data.tag}")
    elif isinstance(data, float):
        raise ValueError("a float")


def load_key(path):
    with open(path, "rb") as file:
        raw = file.read()
    key = cbor2.loads(raw)
    check(isinstance(key, dict) and key.get(1) == 2 and key.get(-1) == 1, "not an EC2 key on P-256")
    x, y = key[-2], key[-3]
    numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1())
    thumbprint = hashlib.sha256(cbor2.dumps({1: 2, -1: 1, -2: x, -3: y}, canonical=True)).digest()
    return numbers.public_key(), thumbprint[:8]


def verify(raw, frame, public_key, key_id):
    check(isinstance(frame, cbor2.CBORTag) and frame.tag == 18, "not tag 18")
    check(isinstance(frame.value, (list, tuple)) and len(frame.value) == 4, "not four items")
    protected, unprotected, payload, signature = frame.value
    check(unprotected == {}, "the unprotected header is not empty")
    check(isinstance(signature, bytes) and len(signature) == 64, "the signature is not 64 bytes")
    header = cbor2.loads(protected)
    check(header.get(1) in ALGORITHMS, "alg")
    check(header.get(3) == 60, "content type")
    check(header.get(4) == key_id, "kid")
    to_be_signed = cbor2.dumps(["Signature1", protected, b"", payload])
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    public_key.verify(encode_dss_signature(r, s), to_be_signed, ec.ECDSA(hashes.SHA256()))

    check(canonical(cbor2.CBORTag(18, [protected, {}, payload, signature])) == raw, "the envelope is not deterministic")
    check(canonical(header) == protected, "the protected header is not deterministic")
    decoded = cbor2.loads(payload)
    ordered(decoded)
    check(canonical(decoded) == payload, "the payload is not deterministic")
    return decoded


def frames(path):
    with open(path, "rb") as file:
        data = file.read()
    stream = io.BytesIO(data)
    while stream.tell() < len(data):
        start = stream.tell()
        try:
            frame = cbor2.CBORDecoder(stream).decode()
        except Exception as error:
            raise ValueError(f"byte {start}: {error}") from error
        yield data[start : stream.tell()], frame


def main(path, key_path):
    public_key, key_id = load_key(key_path)
    count, expected, previous = 0, None, None
    for raw, frame in frames(path):
        count += 1
        try:
            payload = verify(raw, frame, public_key, key_id)
            check(payload[1] == 1, "format version")
            check(expected is None or payload[2] == expected, f"sequence {payload[2]}, expected {expected}")
            if previous is not None:
                check(payload.get(7) == previous, "the hash of the previous frame")
            else:
                check((7 in payload) == (payload[2] > 1), "only the first frame ever names no previous one")
            check(isinstance(payload[3], int) and isinstance(payload[5], int) and isinstance(payload[8], dict), "labels")
        except InvalidSignature:
            raise ValueError(f"number {count} in the file: the signature does not verify") from None
        except Exception as error:
            raise ValueError(f"number {count} in the file: {error}") from error
        expected = payload[2] + 1
        previous = hashlib.sha256(raw).digest()[:16]
    check(count > 0, "no frame")
    print(f"{count} frames verified with cbor2 and cryptography")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print("usage: verify.py FILE KEYFILE", file=sys.stderr)
        sys.exit(2)
    try:
        main(sys.argv[1], sys.argv[2])
    except Exception as error:
        print(error, file=sys.stderr)
        sys.exit(1)
