#include "go_asm.h"
#include "textflag.h"

// func stepFours(to *steps, first *byte, size, fours int, fracNS int64)
//
// A record's header is its second, the fraction, the captured length and that on the wire.
//
// AX size          R8  run           Y8  fracNS
// BX 3·size        R9  to.n          Y9  1e9
// CX fours left    R10 to.end        Y10 length<<32
// SI records       R11 4·size        X11 where the four begin in the run
// DI to            DX  scratch       X12 4·size
//
// The first of Y13 is the time of the record before. Y0 … Y6 are scratch.
TEXT ·stepFours(SB), NOSPLIT, $0-40
	MOVQ to+0(FP), DI
	MOVQ first+8(FP), SI
	MOVQ size+16(FP), AX
	MOVQ fours+24(FP), CX
	VPBROADCASTQ fracNS+32(FP), Y8
	MOVQ steps_run(DI), R8
	MOVQ steps_n(DI), R9
	MOVQ steps_end(DI), R10
	VMOVQ steps_newest(DI), X13
	LEAQ (AX)(AX*2), BX
	MOVQ AX, R11
	SHLQ $2, R11
	MOVL $1000000000, DX
	VMOVQ DX, X9
	VPBROADCASTQ X9, Y9
	LEAQ -const_plainBytes(AX), DX
	SHLQ $32, DX
	VMOVQ DX, X10
	VPBROADCASTQ X10, Y10
	VMOVD R10, X11
	LEAQ (R10)(AX*1), DX
	VPINSRD $1, DX, X11, X11
	LEAQ (R10)(AX*2), DX
	VPINSRD $2, DX, X11, X11
	LEAQ (R10)(BX*1), DX
	VPINSRD $3, DX, X11, X11
	VMOVD R11, X12
	VPBROADCASTD X12, X12

four:
	VMOVDQU (SI), X0
	VMOVDQU (SI)(AX*1), X1
	VINSERTI128 $1, (SI)(AX*2), Y0, Y0
	VINSERTI128 $1, (SI)(BX*1), Y1, Y1
	VPUNPCKLQDQ Y1, Y0, Y2  // seconds and fractions
	VPUNPCKHQDQ Y1, Y0, Y3  // lengths
	VPSRLQ $32, Y2, Y4
	VPMULUDQ Y9, Y2, Y2
	VPMULUDQ Y8, Y4, Y4
	VPADDQ Y4, Y2, Y2       // times
	VPERMQ $0x93, Y2, Y5    // the last one first
	VPBLENDD $3, Y13, Y5, Y6
	VPCMPGTQ Y2, Y6, Y6     // those before, later
	VPSLLQ $32, Y3, Y3
	VPXOR Y10, Y3, Y3
	VPOR Y6, Y3, Y3
	VPTEST Y3, Y3
	JNZ  end
	VMOVDQU Y2, run_times(R8)(R9*8)
	VMOVDQU X11, run_at(R8)(R9*4)
	VMOVDQU Y5, Y13
	VPADDD X12, X11, X11
	ADDQ R11, SI
	ADDQ R11, R10
	ADDQ $4, R9
	DECQ CX
	JNZ  four

end:
	MOVQ R9, steps_n(DI)
	MOVQ R10, steps_end(DI)
	VMOVQ X13, steps_newest(DI)
	VZEROUPPER
	RET
