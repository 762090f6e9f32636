#include "textflag.h"

// NEXT4 goes on to the next four rows from row BX on, to the last four if there are less,
// and to again unless all are done; R10 is the number of rows less 4. What is done to a row
// may be done twice.
#define NEXT4(again) \
	ADDQ $4, BX; \
	CMPQ BX, R10; \
	JLE  again; \
	LEAQ 4(R10), AX; \
	CMPQ BX, AX; \
	MOVQ R10, BX; \
	JLT  again; \
	VZEROUPPER; \
	RET

// func decayUnits(at *int64, seen *uint8, adds, down *float64, rows int, begin int64, rate, coarse, inverse, amount float64, series *[5]float64)
//
// AX scratch        R8 at          Y0 x           Y4 zero, Y5 begin
// BX row            R9 seen        Y1, Y2 sums    Y7 rate, Y8 coarse, Y9 inverse, Y10 amount
// CX adds           R10 rows - 4   Y3 scratch     Y11 1, Y12 1/2, Y13 1/6, Y14 1/24, Y15 2^52
// DX down
TEXT ·decayUnits(SB), NOSPLIT, $0-88
	MOVQ at+0(FP), R8
	MOVQ seen+8(FP), R9
	MOVQ adds+16(FP), CX
	MOVQ down+24(FP), DX
	MOVQ rows+32(FP), R10
	MOVQ series+80(FP), AX
	VPXOR Y4, Y4, Y4
	VPBROADCASTQ begin+40(FP), Y5
	VBROADCASTSD rate+48(FP), Y7
	VBROADCASTSD coarse+56(FP), Y8
	VBROADCASTSD inverse+64(FP), Y9
	VBROADCASTSD amount+72(FP), Y10
	VBROADCASTSD 0(AX), Y11
	VBROADCASTSD 8(AX), Y12
	VBROADCASTSD 16(AX), Y13
	VBROADCASTSD 24(AX), Y14
	VBROADCASTSD 32(AX), Y15
	SUBQ $4, R10
	XORL BX, BX

row:
	// x = rate · time since the begin of the step
	VMOVDQU (R8)(BX*8), Y0
	VPSUBQ  Y5, Y0, Y0
	VPOR    Y15, Y0, Y0
	VSUBPD  Y15, Y0, Y0
	VMULPD  Y7, Y0, Y0

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

// func wholeRows(sums, down, out *float64, rows int)
//
// AX scratch    R8  sums        Y0 v              Y8 1/2
// BX row        R9  down        Y1 whole number   Y9 1e-13
// CX out        R10 rows - 4    Y2, Y3 scratch    Y10 all but the sign
TEXT ·wholeRows(SB), NOSPLIT, $0-32
	MOVQ sums+0(FP), R8
	MOVQ down+8(FP), R9
	MOVQ out+16(FP), CX
	MOVQ rows+24(FP), R10
	MOVQ $0x3FE0000000000000, AX
	VMOVQ AX, X8
	VPBROADCASTQ X8, Y8
	MOVQ $0x3D3C25C268497682, AX
	VMOVQ AX, X9
	VPBROADCASTQ X9, Y9
	MOVQ $0x7FFFFFFFFFFFFFFF, AX
	VMOVQ AX, X10
	VPBROADCASTQ X10, Y10
	SUBQ $4, R10
	XORL BX, BX

row:
	VMOVUPD   (R8)(BX*8), Y0
	VMULPD    (R9)(BX*8), Y0, Y0
	VADDPD    Y8, Y0, Y1
	VROUNDPD  $1, Y1, Y1
	VSUBPD    Y1, Y0, Y2
	VANDPD    Y10, Y2, Y2
	VMULPD    Y9, Y0, Y3
	VCMPPD    $2, Y3, Y2, Y2
	VBLENDVPD Y2, Y1, Y0, Y0
	VMOVUPD   Y0, (CX)(BX*8)
	NEXT4(row)

// func risingRows(times *int64, rows int) bool
//
// AX scratch      Y0 scratch
// BX row          Y1 not 0 where the next time is less
// R8 times        R10 rows - 4
TEXT ·risingRows(SB), NOSPLIT, $0-17
	MOVQ times+0(FP), R8
	MOVQ rows+8(FP), R10
	VPXOR Y1, Y1, Y1
	SUBQ $5, R10
	XORL BX, BX

row:
	VMOVDQU  (R8)(BX*8), Y0
	VPCMPGTQ 8(R8)(BX*8), Y0, Y0
	VPOR     Y0, Y1, Y1
	ADDQ $4, BX
	CMPQ BX, R10
	JLE  row
	LEAQ 4(R10), AX
	CMPQ BX, AX
	MOVQ R10, BX
	JLT  row
	VPTEST Y1, Y1
	SETEQ  ret+16(FP)
	VZEROUPPER
	RET
