"""python3 verify.py FRAMES KEY...  FRAMES: a CBOR sequence of frames from one board; KEY: its public COSE_Keys."""
import hashlib, io, sys
import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

def load(path):
    raw = open(path, "rb").read()
    key = cbor2.loads(raw)  # {1: 2 (EC2), -1: 1 (P-256), -2: x, -3: y}, in this order: what the kid is the hash of
    x, y = (int.from_bytes(key[label], "big") for label in (-2, -3))
    return hashlib.sha256(raw).digest()[:8], ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()

def verify(frame, keys):
    assert frame.tag == 18, "not a COSE_Sign1"
    protected, unprotected, payload, signature = frame.value
    header = cbor2.loads(protected)
    assert header[1] in (-9, -7) and header[3] == 60 and unprotected == {} and len(signature) == 64, "header"
    signed = cbor2.dumps(["Signature1", protected, b"", payload])  # the header's bytes as they came
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    keys[header[4]].verify(utils.encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    return cbor2.loads(payload)

keys, number, before, count = dict(load(path) for path in sys.argv[2:]), None, None, 0
stream = io.BytesIO(open(sys.argv[1], "rb").read())
while stream.tell() < len(stream.getbuffer()):
    start = stream.tell()
    says = verify(cbor2.CBORDecoder(stream).decode(), keys)
    assert number is None or says[2] == number + 1 and says[7] == before, f"frame {says[2]} does not follow {number}"
    number, before, count = says[2], hashlib.sha256(stream.getbuffer()[start:stream.tell()]).digest()[:16], count + 1
print(count, "frames verified")
