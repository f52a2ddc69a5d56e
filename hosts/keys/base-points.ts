/**
 * P-256's 2^(32 i) G for i = 0 to 7, x and y: from these a multiple of G takes half the doublings. Made when asked for: a
 * table of big integers in ROM is more than the SDK's linker can write.
 */
export function basePoints(): (readonly [x: bigint, y: bigint])[] {
  return [
    [
      0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
      0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
    ],
    [
      0x7fe36b40af22af8921656b32262c71da1ab919365c65dfb63a5a9e22185a5943n,
      0xe697d45825b636249f09f40407dca6f174b3d5867b8af212d50d152c699ca101n,
    ],
    [
      0x0fa822bc2811aaa58492592e326e25de29493baaad651f7e90e75cb48e14db63n,
      0xbff44ae8f5dba80d6f4ad4bcb3df188b34b1a65050fe82f5e41124545f462ee7n,
    ],
    [
      0x4a5b506612a677a657880b3a18a2e902e9a521b074ca0141a84aa9397512218en,
      0xeb13461ceac089f1c42604fbe1627d40626db15419e26d9d0beada7a4c4f3840n,
    ],
    [
      0x447d739beedb5e67fb982fd588c6766efc35ff7dc297eac357c84fc9d789bd85n,
      0x2d4825ab834131eee12e9d953a4aaff73d349b95a7fae5000c7e33c972e25b32n,
    ],
    [
      0x8a535f566ec73617f5622df4373713269e4c35874afdf43aaee9c75df7f82f2an,
      0x0455c08468b08bd737e02819085a92bfcde533864c8c7669c5f9a0ac223094b7n,
    ],
    [
      0xa6d39677a78492762736ff8344315fc596439591a3c6b94a6cf20ffb313728ben,
      0x674f84749b0b881666b8babd2d27ecdf824a920c2284059bf2bab833c357f5f4n,
    ],
    [
      0x68f6b8542783dfeeeb5b06e70ce08ffefd75f3fa01876bd86a703f10e895df07n,
      0xcbe1feba92e40ce6fbc8044dfda45028cf5293d2f310bf7f90c76f8a78712655n,
    ],
  ];
}
