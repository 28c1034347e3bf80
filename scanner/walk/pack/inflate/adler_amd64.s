#include "textflag.h"

// The weights of the 16 bytes of a block, last byte 1.
DATA weights<>+0x00(SB)/8, $0x000d000e000f0010
DATA weights<>+0x08(SB)/8, $0x0009000a000b000c
DATA weights<>+0x10(SB)/8, $0x0005000600070008
DATA weights<>+0x18(SB)/8, $0x0001000200030004
GLOBL weights<>(SB), RODATA|NOPTR, $32

// func adlerBlocks(data []byte) (sum, weighted uint32)
//
// X0 zero
// X1 sum of the bytes so far, in two lanes
// X2 sum of X1 before each block: 16 times this is what the blocks add to
//    the weights of the bytes before them
// X3, X4 sums of the bytes by their place in a block, 16 lanes
TEXT ·adlerBlocks(SB), NOSPLIT, $0-32
	MOVQ data_base+0(FP), SI
	MOVQ data_len+8(FP), CX
	PXOR X0, X0
	PXOR X1, X1
	PXOR X2, X2
	PXOR X3, X3
	PXOR X4, X4
	SHRQ $4, CX
	JZ   done

loop:
	MOVOU     (SI), X5
	PADDL     X1, X2
	MOVO      X5, X6
	MOVO      X5, X7
	PSADBW    X0, X5
	PUNPCKLBW X0, X6
	PUNPCKHBW X0, X7
	PADDL     X5, X1
	PADDW     X6, X3
	PADDW     X7, X4
	ADDQ      $16, SI
	DECQ      CX
	JNZ       loop

done:
	MOVOU   weights<>+0x00(SB), X5
	MOVOU   weights<>+0x10(SB), X6
	PMADDWL X5, X3
	PMADDWL X6, X4
	PADDL   X4, X3
	PSLLL   $4, X2
	PADDL   X2, X3
	PSHUFD  $0x4e, X3, X4
	PADDL   X4, X3
	PSHUFD  $0xb1, X3, X4
	PADDL   X4, X3
	PSHUFD  $0x4e, X1, X5
	PADDL   X5, X1
	MOVQ    X1, AX
	MOVQ    X3, BX
	MOVL    AX, sum+24(FP)
	MOVL    BX, weighted+28(FP)
	RET
