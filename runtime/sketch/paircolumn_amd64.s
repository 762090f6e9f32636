#include "textflag.h"

// AHEAD is how many rows before its use the block of a row is asked for.
#define AHEAD 16

// func setColumn(blocks *pairBlock, n uint64, column *uint64, add uint64, seen *uint8, from, rows int, turn uint32, lanes *[16]uint64) (next, cur, fresh int)
//
// AX scratch                  R8  column        Y0  hash, then bit numbers, words 0 … 3
// BX row                      R9  add           Y1  the same, words 4 … 7
// CX block                    R10 rows          Y2, Y3 the block
// DX scratch                  R11 seen          Y4, Y5 bits of the current filter
// SI number of blocks         R12 turn          Y6, Y7 bits of the previous one
// DI blocks                   R13 scratch       Y8, Y9 shifts; Y10 none for word 0
//                                               Y11 31; Y12, Y13 halves; Y14 1
TEXT ·setColumn(SB), NOSPLIT, $0-96
	MOVQ blocks+0(FP), DI
	MOVQ n+8(FP), SI
	MOVQ column+16(FP), R8
	MOVQ add+24(FP), R9
	MOVQ seen+32(FP), R11
	MOVQ from+40(FP), BX
	MOVQ rows+48(FP), R10
	MOVL turn+56(FP), R12
	MOVQ lanes+64(FP), AX
	MOVQ $0, cur+80(FP)
	MOVQ $0, fresh+88(FP)
	VMOVDQU (AX), Y8
	VMOVDQU 32(AX), Y9
	VMOVDQU 64(AX), Y10
	MOVQ $31, AX
	VMOVQ AX, X11
	VPBROADCASTQ X11, Y11
	MOVQ $1, AX
	VMOVQ AX, X14
	VPBROADCASTQ X14, Y14
	MOVL R12, AX
	SHLL $5, AX
	ANDL $32, AX          // 0 or 32: where the current filter's half begins
	VMOVQ AX, X12
	VPBROADCASTQ X12, Y12
	XORL $32, AX
	VMOVQ AX, X13
	VPBROADCASTQ X13, Y13

row:
	CMPQ BX, R10
	JGE  done

	// The block of a later row.
	LEAQ AHEAD(BX), AX
	CMPQ AX, R10
	JGE  block
	MOVQ (R8)(AX*8), AX
	ADDQ R9, AX
	MULQ SI
	SHLQ $6, DX
	PREFETCHT0 (DI)(DX*1)

block:
	MOVQ (R8)(BX*8), AX
	ADDQ R9, AX
	VMOVQ AX, X0
	VPBROADCASTQ X0, Y0
	MULQ SI
	SHLQ $6, DX
	LEAQ (DI)(DX*1), CX
	CMPL R12, (CX)
	JNE  done             // of an earlier turn: left to Go

	VPSRLVQ Y9, Y0, Y1
	VPSRLVQ Y8, Y0, Y0
	VPAND   Y11, Y1, Y1
	VPAND   Y11, Y0, Y0
	VPOR    Y10, Y0, Y0
	VPADDQ  Y12, Y0, Y4
	VPADDQ  Y12, Y1, Y5
	VPADDQ  Y13, Y0, Y6
	VPADDQ  Y13, Y1, Y7
	VPSLLVQ Y4, Y14, Y4
	VPSLLVQ Y5, Y14, Y5
	VPSLLVQ Y6, Y14, Y6
	VPSLLVQ Y7, Y14, Y7
	VMOVDQU (CX), Y2
	VMOVDQU 32(CX), Y3

	// A filter has the key iff no bit of it is missing: the carry of VPTEST.
	XORL   DX, DX
	XORL   AX, AX
	XORL   R13, R13
	VPTEST Y4, Y2
	SETCS  DX
	VPTEST Y5, Y3
	SETCS  AX
	ANDL   AX, DX         // in the current filter
	VPTEST Y6, Y2
	SETCS  R13
	VPTEST Y7, Y3
	SETCS  AX
	ANDL   AX, R13        // in the previous one
	VPOR   Y4, Y2, Y2
	VPOR   Y5, Y3, Y3
	VMOVDQU Y2, (CX)
	VMOVDQU Y3, 32(CX)

	ORL  DX, R13
	MOVB R13, (R11)(BX*1)
	XORL $1, DX
	XORL $1, R13
	ADDQ DX, cur+80(FP)
	ADDQ R13, fresh+88(FP)
	INCQ BX
	JMP  row

done:
	MOVQ BX, next+72(FP)
	VZEROUPPER
	RET
