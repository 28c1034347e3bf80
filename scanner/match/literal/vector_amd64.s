//go:build amd64 && !purego

#include "go_asm.h"
#include "textflag.h"

DATA literalConst<>+0(SB)/4, $0x2080701f
GLOBL literalConst<>(SB), RODATA|NOPTR, $4

// EIGHT looks up the bytes of one lane in the two rows of eight buckets. Y1 and
// Y2 are the row indexes; VPSHUFB gives 0 for an index with its highest bit
// set, so only one of the two rows answers.
#define EIGHT(at, out, tmp) \
	VBROADCASTI128 at+0(AX), out; \
	VBROADCASTI128 at+16(AX), tmp; \
	VPSHUFB Y1, out, out; \
	VPSHUFB Y2, tmp, tmp; \
	VPOR    tmp, out, out

// INDEX loads the bytes of lane j and turns their classes into row indexes.
#define INDEX(j) \
	VPAND  j(SI), Y13, Y0; \
	VPADDB Y14, Y0, Y1; \
	VPXOR  Y15, Y1, Y2

// LANE looks up the bytes of lane j and keeps the buckets that took the bytes
// before it too.
#define LANE(j) \
	INDEX(j); \
	EIGHT(j*128+0, Y7, Y8); \
	EIGHT(j*128+32, Y9, Y10); \
	VPAND Y7, Y3, Y3; \
	VPAND Y9, Y4, Y4; \
	EIGHT(j*128+64, Y7, Y8); \
	EIGHT(j*128+96, Y9, Y10); \
	VPAND Y7, Y5, Y5; \
	VPAND Y9, Y6, Y6

// func filterAVX2(t *vecTable, data *byte, n int, masks *uint32)
TEXT ·filterAVX2(SB), NOSPLIT, $0-32
	MOVQ t+0(FP), AX
	MOVQ data+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ masks+24(FP), DI
	VPBROADCASTB literalConst<>+0(SB), Y13 // 0x1f
	VPBROADCASTB literalConst<>+1(SB), Y14 // 0x70
	VPBROADCASTB literalConst<>+2(SB), Y15 // 0x80
	VPXOR Y12, Y12, Y12

loop:
	INDEX(0)
	EIGHT(0, Y3, Y8)
	EIGHT(32, Y4, Y10)
	EIGHT(64, Y5, Y8)
	EIGHT(96, Y6, Y10)
	LANE(1)
	LANE(2)
	LANE(3)
	VPOR  Y4, Y3, Y3
	VPOR  Y6, Y5, Y5
	VPOR  Y5, Y3, Y3
	VPCMPEQB Y12, Y3, Y3
	VPMOVMSKB Y3, DX
	NOTL  DX
	MOVL  DX, (DI)
	ADDQ  $32, SI
	ADDQ  $4, DI
	DECQ  CX
	JNZ   loop
	VZEROUPPER
	RET

// SYMBOL loads the bytes of lane j and turns them into symbols: bit 6 of a byte
// becomes bit 5. VPERMB does not look at bits 6 and 7.
#define SYMBOL(j) \
	VMOVDQU8.Z j(SI), K1, Z0; \
	VPSRLW $1, Z0, Z1; \
	VPTERNLOGQ $0xe4, Z31, Z0, Z1

#define FIRST(b, acc) VPERMB (b*64)(AX), Z1, acc

#define NEXT(j, b, tmp, acc) \
	VPERMB (j*512+b*64)(AX), Z1, tmp; \
	VPANDQ tmp, acc, acc

#define WIDELANE(j) \
	SYMBOL(j); \
	NEXT(j, 0, Z2, Z8); \
	NEXT(j, 1, Z3, Z9); \
	NEXT(j, 2, Z4, Z10); \
	NEXT(j, 3, Z5, Z11); \
	NEXT(j, 4, Z2, Z12); \
	NEXT(j, 5, Z3, Z13); \
	NEXT(j, 6, Z4, Z14); \
	NEXT(j, 7, Z5, Z15)

// func filterAVX512(t *wideTable, data *byte, n int, masks *uint32)
TEXT ·filterAVX512(SB), NOSPLIT, $0-32
	MOVQ t+0(FP), AX
	MOVQ data+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ masks+24(FP), DI
	VPBROADCASTB literalConst<>+3(SB), Z31 // 0x20
	MOVQ $-1, DX
	KMOVQ DX, K1

wideLoop:
	CMPQ CX, $2
	JGE  widePair
	// Of an odd block no more than its own bytes may be read.
	MOVL $-1, DX
	KMOVQ DX, K1

widePair:
	SYMBOL(0)
	FIRST(0, Z8)
	FIRST(1, Z9)
	FIRST(2, Z10)
	FIRST(3, Z11)
	FIRST(4, Z12)
	FIRST(5, Z13)
	FIRST(6, Z14)
	FIRST(7, Z15)
	WIDELANE(1)
	WIDELANE(2)
	WIDELANE(3)
	VPORQ Z9, Z8, Z8
	VPORQ Z11, Z10, Z10
	VPORQ Z13, Z12, Z12
	VPORQ Z15, Z14, Z14
	VPORQ Z10, Z8, Z8
	VPORQ Z14, Z12, Z12
	VPORQ Z12, Z8, Z8
	VPTESTMB Z8, Z8, K2
	KMOVQ K2, DX
	MOVL DX, (DI)
	CMPQ CX, $2
	JLT  wideDone
	SHRQ $32, DX
	MOVL DX, 4(DI)
	ADDQ $64, SI
	ADDQ $8, DI
	SUBQ $2, CX
	JNZ  wideLoop

wideDone:
	VZEROUPPER
	RET

// POSITION writes the position of the lowest bit of AX to the list and clears
// the bit.
#define POSITION(at) \
	TZCNTQ AX, DX; \
	BLSRQ  AX, AX; \
	ADDL   R10, DX; \
	MOVW   DX, at(R12)

// func siftBMI(seen *uint64, data *byte, masks *uint32, n int, list *uint16) int
TEXT ·siftBMI(SB), NOSPLIT, $0-48
	MOVQ seen+0(FP), R8
	MOVQ data+8(FP), SI
	MOVQ masks+16(FP), BX
	MOVQ n+24(FP), CX
	MOVQ list+32(FP), DI
	XORL R9, R9   // positions in list
	XORL R10, R10 // position of bit 0

word:
	MOVQ    (BX), AX
	POPCNTQ AX, R11
	LEAQ    (DI)(R9*2), R12

eight:
	POSITION(0)
	POSITION(2)
	POSITION(4)
	POSITION(6)
	POSITION(8)
	POSITION(10)
	POSITION(12)
	POSITION(14)
	ADDQ  $16, R12
	TESTQ AX, AX
	JNZ   eight
	ADDQ  R11, R9
	ADDQ  $64, R10
	ADDQ  $8, BX
	SUBQ  $2, CX
	JGT   word

	XORL  AX, AX // positions kept
	XORL  BX, BX
	TESTQ R9, R9
	JZ    done

gram:
	MOVWLZX (DI)(BX*2), DX
	MOVL    (SI)(DX*1), CX
	ORL     $const_foldAll, CX
	IMUL3L  $const_gramFactorSigned, CX, CX
	SHRL    $(32-const_gramBits), CX
	MOVW    DX, (DI)(AX*2)
	MOVL    CX, R11
	SHRL    $5, R11
	MOVL    (R8)(R11*4), R11
	BTL     CX, R11
	ADCQ    $0, AX
	INCQ    BX
	CMPQ    BX, R9
	JLT     gram

done:
	MOVQ AX, ret+40(FP)
	RET
