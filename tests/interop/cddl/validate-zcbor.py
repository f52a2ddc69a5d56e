"""Validates with the Python package zcbor: nothing of ours. Reads {"cddl": text, "items": [[rule, hex], ...]} on stdin,
prints a list of true and false. Exit 2: cannot be run."""
import json
import sys

try:
    import cbor2.decoder
    import cbor2.types
    from zcbor.zcbor import zcbor
except ImportError as missing:
    print(f"cannot run: {missing}", file=sys.stderr)
    sys.exit(2)

# decimal fractions as the tag and the list that they are, not as Python's Decimal, of which zcbor knows nothing
cbor2.decoder.semantic_decoders.pop(4)
zcbor.loads = cbor2.decoder.loads
zcbor.CBORTag = cbor2.types.CBORTag

asked = json.load(sys.stdin)
with open(zcbor.PRELUDE_PATH) as prelude:
    cddl = prelude.read() + asked["cddl"]
types = zcbor.DataTranslator.from_cddl(cddl_string=cddl, default_max_qty=0xFFFFFFFF).my_types


def is_valid(rule, item):
    try:
        types[rule].validate_str(bytes.fromhex(item))
    except Exception:  # not only CddlValidationError: zcbor trips over some of what is wrong
        return False
    return True


print(json.dumps([is_valid(rule, item) for rule, item in asked["items"]]))
