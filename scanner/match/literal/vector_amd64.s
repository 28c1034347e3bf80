//go:build amd64 && !purego

#include "textflag.h"

DATA literalConst<>+0(SB)/4, $0x20706040
GLOBL literalConst<>(SB), RODATA|NOPTR, $4

// HALF looks up the bytes of one lane in one half of the buckets. Y1, Y2, Y3
// are the row indexes; VPSHUFB gives 0 for an index with its highest bit set,
// so at most one of the three rows answers.
#define HALF(at, out, tmp1, tmp2) \
	VMOVDQU at+0(AX), out; \
	VMOVDQU at+32(AX), tmp1; \
	VMOVDQU at+64(AX), tmp2; \
	VPSHUFB Y1, out, out; \
	VPSHUFB Y2, tmp1, tmp1; \
	VPSHUFB Y3, tmp2, tmp2; \
	VPOR    tmp1, out, out; \
	VPOR    tmp2, out, out

// LANE loads the bytes of lane j, turns them into row indexes and looks them
// up. The index is good for a row if its highest bit is clear.
#define LANE(j, outLo, outHi) \
	VMOVDQU  j(SI), Y0; \
	VPADDUSB Y12, Y0, Y3; \
	VPOR     Y15, Y0, Y0; \
	VPXOR    Y13, Y0, Y1; \
	VPXOR    Y14, Y0, Y2; \
	VPADDUSB Y14, Y1, Y1; \
	VPADDUSB Y14, Y2, Y2; \
	HALF(j*192, outLo, Y6, Y7); \
	HALF(j*192+96, outHi, Y8, Y9)

// func filterAVX2(t *vecTable, data *byte, n int, masks *uint32)
TEXT ·filterAVX2(SB), NOSPLIT, $0-32
	MOVQ t+0(FP), AX
	MOVQ data+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ masks+24(FP), DI
	VPBROADCASTB literalConst<>+0(SB), Y12 // 0x40
	VPBROADCASTB literalConst<>+1(SB), Y13 // 0x60
	VPBROADCASTB literalConst<>+2(SB), Y14 // 0x70
	VPBROADCASTB literalConst<>+3(SB), Y15 // 0x20

loop:
	LANE(0, Y4, Y5)
	LANE(1, Y10, Y11)
	VPAND Y10, Y4, Y4
	VPAND Y11, Y5, Y5
	LANE(2, Y10, Y11)
	VPAND Y10, Y4, Y4
	VPAND Y11, Y5, Y5
	LANE(3, Y10, Y11)
	VPOR  768(AX), Y10, Y10
	VPOR  800(AX), Y11, Y11
	VPAND Y10, Y4, Y4
	VPAND Y11, Y5, Y5
	VPOR  Y5, Y4, Y4
	VPXOR Y5, Y5, Y5
	VPCMPEQB Y5, Y4, Y4
	VPMOVMSKB Y4, DX
	NOTL  DX
	MOVL  DX, (DI)
	ADDQ  $32, SI
	ADDQ  $4, DI
	DECQ  CX
	JNZ   loop
	VZEROUPPER
	RET
