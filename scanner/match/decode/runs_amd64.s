//go:build amd64 && !purego

#include "go_asm.h"
#include "textflag.h"

// A byte is in a class if the rows of its low and of its high half share a bit:
// 1 for "CD" and 'I' to 'O', 2 for 'P' to 'Z', 4 for 'a' to 'f', which are the
// leads of base64, and 0x80 for '0' and '2' to '7', those of hexadecimal digits.
DATA runsLow<>+0(SB)/8, $0x8286868787860682
DATA runsLow<>+8(SB)/8, $0x101010101030302
GLOBL runsLow<>(SB), RODATA|NOPTR, $16

DATA runsHigh<>+0(SB)/8, $0x0004020180000000
DATA runsHigh<>+8(SB)/8, $0
GLOBL runsHigh<>(SB), RODATA|NOPTR, $16

DATA runsHalf<>+0(SB)/8, $0x0f0f0f0f0f0f0f0f
DATA runsHalf<>+8(SB)/8, $0x0f0f0f0f0f0f0f0f
GLOBL runsHalf<>(SB), RODATA|NOPTR, $16

// BEFORE puts the mask of the block before below that of this one, and keeps
// this one for the next.
#define BEFORE(mask, before) \
	MOVL mask, BX; \
	SHLQ $32, mask; \
	ORQ  before, mask; \
	MOVQ BX, before

// AGAIN leaves the bits of a whose partner so many places below is set too.
#define AGAIN(a, places) \
	MOVQ a, R12; \
	SHLQ places, R12; \
	ANDQ R12, a

// func findRuns(data *byte, n int, r *runs) int
TEXT ·findRuns(SB), NOSPLIT, $0-32
	MOVQ data+0(FP), SI
	MOVQ n+8(FP), CX
	MOVQ r+16(FP), DI
	MOVL runs_lead(DI), R8
	MOVL runs_hexLead(DI), R9
	VBROADCASTI128 runsLow<>(SB), Y5
	VBROADCASTI128 runsHigh<>(SB), Y6
	VBROADCASTI128 runsHalf<>(SB), Y7
	VPXOR Y4, Y4, Y4
	XORL AX, AX

loop:
	VMOVDQU   (SI), Y0
	VPSHUFB   Y0, Y5, Y1 // 0 for bytes from 0x80 on
	VPSRLW    $4, Y0, Y0
	VPAND     Y7, Y0, Y0
	VPSHUFB   Y0, Y6, Y2
	VPAND     Y2, Y1, Y1
	VPMOVMSKB Y1, R10
	VPCMPGTB  Y4, Y1, Y1
	VPMOVMSKB Y1, R11
	BEFORE(R11, R8)
	BEFORE(R10, R9)
	// Six of base64, four places apart: two, then four, and two more below.
	AGAIN(R11, $4)
	MOVQ R11, R13
	AGAIN(R11, $8)
	SHLQ $16, R13
	ANDQ R13, R11
	// Sixteen of hexadecimal digits, two places apart.
	AGAIN(R10, $2)
	AGAIN(R10, $4)
	AGAIN(R10, $8)
	AGAIN(R10, $16)
	SHRQ $32, R11
	SHRQ $32, R10
	MOVQ R11, R12
	ORQ  R10, R12
	JNZ  done
	ADDQ $32, SI
	INCQ AX
	CMPQ AX, CX
	JLT  loop

done:
	MOVL R8, runs_lead(DI)
	MOVL R9, runs_hexLead(DI)
	MOVL R11, runs_base64(DI)
	MOVL R10, runs_hex(DI)
	VZEROUPPER
	MOVQ AX, ret+24(FP)
	RET
