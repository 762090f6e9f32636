#include "textflag.h"

// AHEAD is how many rows before its use the lines of a row are asked for.
#define AHEAD 16

// NEXT4 goes on to the next four of R10 rows from row BX on, to the last four if there are
// less, and to again unless all are done. What is done to a row may be done twice.
#define NEXT4(again) \
	ADDQ $4, BX; \
	LEAQ -4(R10), AX; \
	CMPQ BX, R10; \
	JGE  2(PC); \
	JMP  3(PC); \
	VZEROUPPER; \
	RET; \
	CMPQ BX, AX; \
	CMOVQGT AX, BX; \
	JMP  again

// func decayUnits(at *int64, seen *uint8, adds, down *float64, rows int, origin, mask int64, rate, coarse, inverse, amount float64, series *[5]float64)
//
// AX scratch        R8 at      Y0 x           Y4 zero, Y5 origin, Y6 mask
// BX row            R9 seen    Y1, Y2 sums    Y7 rate, Y8 coarse, Y9 inverse, Y10 amount
// CX adds           R10 rows   Y3 scratch     Y11 1, Y12 1/2, Y13 1/6, Y14 1/24, Y15 2^52
// DX down
TEXT ·decayUnits(SB), NOSPLIT, $0-96
	MOVQ at+0(FP), R8
	MOVQ seen+8(FP), R9
	MOVQ adds+16(FP), CX
	MOVQ down+24(FP), DX
	MOVQ rows+32(FP), R10
	MOVQ series+88(FP), AX
	VPXOR Y4, Y4, Y4
	VPBROADCASTQ origin+40(FP), Y5
	VPBROADCASTQ mask+48(FP), Y6
	VBROADCASTSD rate+56(FP), Y7
	VBROADCASTSD coarse+64(FP), Y8
	VBROADCASTSD inverse+72(FP), Y9
	VBROADCASTSD amount+80(FP), Y10
	VBROADCASTSD 0(AX), Y11
	VBROADCASTSD 8(AX), Y12
	VBROADCASTSD 16(AX), Y13
	VBROADCASTSD 24(AX), Y14
	VBROADCASTSD 32(AX), Y15
	XORL BX, BX

row:
	// x = rate · time since the begin of the step
	VMOVDQU  (R8)(BX*8), Y0
	VPSUBQ   Y5, Y0, Y0
	VPCMPGTQ Y0, Y4, Y1
	VPANDN   Y0, Y1, Y0    // 0 for a time before the origin
	VPAND    Y6, Y0, Y0
	VPOR     Y15, Y0, Y0
	VSUBPD   Y15, Y0, Y0
	VMULPD   Y7, Y0, Y0

	VMULPD Y14, Y0, Y3
	VADDPD Y3, Y13, Y1
	VSUBPD Y3, Y13, Y2
	VMULPD Y0, Y1, Y1
	VMULPD Y0, Y2, Y2
	VADDPD Y1, Y12, Y1
	VSUBPD Y2, Y12, Y2
	VMULPD Y0, Y1, Y1
	VMULPD Y0, Y2, Y2
	VADDPD Y1, Y11, Y1
	VSUBPD Y2, Y11, Y2
	VMULPD Y0, Y1, Y1
	VMULPD Y0, Y2, Y2
	VADDPD Y1, Y11, Y1
	VSUBPD Y2, Y11, Y2
	VMULPD Y8, Y1, Y1
	VMULPD Y9, Y2, Y2
	VMOVUPD Y2, (DX)(BX*8)

	VMULPD    Y10, Y1, Y1
	VPMOVZXBQ (R9)(BX*1), Y3
	VPCMPEQQ  Y4, Y3, Y3
	VANDPD    Y3, Y1, Y1   // nothing where seen is not 0
	VMOVUPD   Y1, (CX)(BX*8)
	NEXT4(row)

// func decayCellRows(first, second *decayLine, n uint64, column *uint64, add uint64, adds, out *float64, from, rows int, number int64, pairs *[32][2]uint8) (next int)
//
// AX scratch                        R8  column     X0 the least cell
// BX row                            R9  factor of Second
// CX line of first, then a cell     R10 out        X1 … X5 scratch
// DX line of second, then a cell    R11 adds       X8 Negligible
// SI pairs                          R12 hash, then a cell
// DI first                          R13 Second(hash), then a cell
//                                                  X9 largest value
TEXT ·decayCellRows(SB), NOSPLIT, $0-96
	MOVQ first+0(FP), DI
	MOVQ column+24(FP), R8
	MOVQ adds+40(FP), R11
	MOVQ out+48(FP), R10
	MOVQ from+56(FP), BX
	MOVQ pairs+80(FP), SI
	MOVQ $0x9E3779B97F4A7C15, R9
	MOVQ $0x3E112E0BE826D695, AX
	VMOVQ AX, X8
	MOVQ $0x7FEFFFFFFFFFFFFF, AX
	VMOVQ AX, X9

row:
	CMPQ BX, rows+64(FP)
	JGE  done

	// The lines of a later row.
	LEAQ  AHEAD(BX), AX
	CMPQ  AX, rows+64(FP)
	JGE   lines
	MOVQ  (R8)(AX*8), R12
	ADDQ  add+32(FP), R12
	MOVQ  R12, AX
	MULQ  n+16(FP)
	SHLQ  $6, DX
	PREFETCHT0 (DI)(DX*1)
	MOVQ  R12, AX
	SHRQ  $32, AX
	XORQ  R12, AX
	IMULQ R9, AX
	MULQ  n+16(FP)
	SHLQ  $6, DX
	ADDQ  second+8(FP), DX
	PREFETCHT0 (DX)

lines:
	MOVQ  (R8)(BX*8), R12
	ADDQ  add+32(FP), R12
	MOVQ  R12, R13
	SHRQ  $32, R13
	XORQ  R12, R13
	IMULQ R9, R13
	MOVQ  R12, AX
	MULQ  n+16(FP)
	SHLQ  $6, DX
	LEAQ  (DI)(DX*1), CX
	MOVQ  R13, AX
	MULQ  n+16(FP)
	SHLQ  $6, DX
	ADDQ  second+8(FP), DX
	MOVQ  number+72(FP), AX
	CMPQ  (CX), AX
	JNE   done             // of an earlier origin: left to Go
	CMPQ  (DX), AX
	JNE   done

	// The cells; the first word of a line is its number.
	MOVL  R12, AX
	IMULQ $21, AX
	SHRQ  $32, AX
	MOVBLZX (SI)(AX*2), R12
	MOVBLZX 1(SI)(AX*2), AX
	LEAQ  8(CX)(R12*8), R12
	LEAQ  8(CX)(AX*8), CX
	MOVL  R13, AX
	IMULQ $21, AX
	SHRQ  $32, AX
	MOVBLZX (SI)(AX*2), R13
	MOVBLZX 1(SI)(AX*2), AX
	LEAQ  8(DX)(R13*8), R13
	LEAQ  8(DX)(AX*8), DX

	// Values are not below zero, so that either order is theirs.
	VMOVSD (R12), X1
	VMOVSD (R13), X2
	VMINSD (CX), X1, X1
	VMINSD (DX), X2, X2
	VMINSD X1, X2, X0

	// Their sum with what is added, or that alone if they are negligible.
	VMULSD (R10)(BX*8), X0, X1
	VMOVSD (R11)(BX*8), X2
	VADDSD X2, X0, X3
	VCMPSD $1, X8, X1, X1
	VBLENDVPD X1, X2, X3, X3
	VUCOMISD X9, X3
	JHI    done            // too large: left to Go

	VMAXSD (R12), X3, X1
	VMAXSD (CX), X3, X2
	VMAXSD (R13), X3, X4
	VMAXSD (DX), X3, X5
	VMOVSD X1, (R12)
	VMOVSD X2, (CX)
	VMOVSD X4, (R13)
	VMOVSD X5, (DX)
	VMULSD (R10)(BX*8), X3, X3
	VMOVSD X3, (R10)(BX*8)
	INCQ   BX
	JMP    row

done:
	MOVQ BX, next+88(FP)
	RET

// func wholeRows(out *float64, rows int)
//
// AX scratch    R8  out     Y0 v              Y8 1/2
// BX row        R10 rows    Y1 whole number   Y9 1e-13
//                           Y2, Y3 scratch    Y10 all but the sign
TEXT ·wholeRows(SB), NOSPLIT, $0-16
	MOVQ out+0(FP), R8
	MOVQ rows+8(FP), R10
	MOVQ $0x3FE0000000000000, AX
	VMOVQ AX, X8
	VPBROADCASTQ X8, Y8
	MOVQ $0x3D3C25C268497682, AX
	VMOVQ AX, X9
	VPBROADCASTQ X9, Y9
	MOVQ $0x7FFFFFFFFFFFFFFF, AX
	VMOVQ AX, X10
	VPBROADCASTQ X10, Y10
	XORL BX, BX

row:
	VMOVUPD   (R8)(BX*8), Y0
	VADDPD    Y8, Y0, Y1
	VROUNDPD  $1, Y1, Y1
	VSUBPD    Y1, Y0, Y2
	VANDPD    Y10, Y2, Y2
	VMULPD    Y9, Y0, Y3
	VCMPPD    $2, Y3, Y2, Y2
	VBLENDVPD Y2, Y1, Y0, Y0
	VMOVUPD   Y0, (R8)(BX*8)
	NEXT4(row)
