#include "textflag.h"

// Layout of decayRows: first, second, then the four cells.
#define FIRST 1536
#define SECOND 2048
#define CELL0 2560
#define CELL1 3072
#define CELL2 3584
#define CELL3 4096

// LINE takes a hash in LO, its upper half in HI, to the address in HI of its line. With
// h = 2^32·b + a the upper half of h·n, n below 2^32, is (b·n + a·n>>32)>>32; a line has
// 2^6 bytes.
#define LINE(LO, HI, BASE) \
	VPMULUDQ Y15, LO, Y3; \
	VPMULUDQ Y15, HI, HI; \
	VPSRLQ   $32, Y3, Y3; \
	VPADDQ   Y3, HI, HI; \
	VPSRLQ   $26, HI, HI; \
	VPAND    64(AX), HI, HI; \
	VPADDQ   BASE, HI, HI

// CELLS writes the addresses of the cells that T0 (below 16) and T1 have for the indexes of
// both hashes to A and B. VPSHUFB gives 0 for an index above 0x7F.
#define CELLS(T0, T1, A, B) \
	VPSHUFB Y0, T0, Y3; \
	VPSHUFB Y2, T1, Y4; \
	VPOR    Y3, Y4, Y3; \
	VPSRLQ  $32, Y3, Y4; \
	VPBLENDD $0x55, Y3, Y6, Y3; \
	VPADDQ  Y1, Y3, Y3; \
	VPADDQ  Y7, Y4, Y4; \
	VMOVDQU Y3, A(CX)(BX*8); \
	VMOVDQU Y4, B(CX)(BX*8)

// func decayPlaceRows(places *decayRows, from int, column *uint64, add uint64, rows int, first, second *decayLine, n uint64, with *[10][4]uint64)
//
// AX with      Y0 hash            Y8  first
// BX row       Y1 its line        Y9  second
// CX places    Y2 Second(hash)    Y10 … Y13 tables
// R8 column    Y7 its line        Y14 add
// R10 rows - 4 Y3, Y4 scratch     Y15 n
//              Y6 zero
TEXT ·decayPlaceRows(SB), NOSPLIT, $0-72
	MOVQ places+0(FP), CX
	MOVQ from+8(FP), AX
	LEAQ (CX)(AX*8), CX
	MOVQ column+16(FP), R8
	MOVQ rows+32(FP), R10
	MOVQ with+64(FP), AX
	VPBROADCASTQ first+40(FP), Y8
	VPBROADCASTQ second+48(FP), Y9
	VMOVDQU 192(AX), Y10
	VMOVDQU 224(AX), Y11
	VMOVDQU 256(AX), Y12
	VMOVDQU 288(AX), Y13
	VPBROADCASTQ add+24(FP), Y14
	VPBROADCASTQ n+56(FP), Y15
	VPXOR Y6, Y6, Y6
	SUBQ $4, R10
	XORL BX, BX

row:
	VPADDQ (R8)(BX*8), Y14, Y0
	VPSRLQ $32, Y0, Y1

	// The lower half of h·c, h = 2^32·b + a and c = 2^32·d + e, is a·e + 2^32·(a·d + b·e).
	VPXOR    Y0, Y1, Y2
	VPMULUDQ 32(AX), Y2, Y3
	VPMULUDQ (AX), Y1, Y4
	VPMULUDQ (AX), Y2, Y2
	VPADDQ   Y3, Y4, Y4
	VPSLLQ   $32, Y4, Y4
	VPADDQ   Y4, Y2, Y2
	VPSRLQ   $32, Y2, Y7

	LINE(Y0, Y1, Y8)
	LINE(Y2, Y7, Y9)
	VMOVDQU Y1, FIRST(CX)(BX*8)
	VMOVDQU Y7, SECOND(CX)(BX*8)

	// The number of a pair of cells is one of 21; that of hash in the lower half.
	VPMULUDQ 96(AX), Y0, Y0
	VPMULUDQ 96(AX), Y2, Y2
	VPSRLQ   $32, Y0, Y0
	VPBLENDD $0xAA, Y2, Y0, Y2
	VPADDD   128(AX), Y2, Y0
	VPADDD   160(AX), Y2, Y2
	CELLS(Y10, Y11, CELL0, CELL2)
	CELLS(Y12, Y13, CELL1, CELL3)

	// On to the next four rows, to the last four if there are less.
	ADDQ $4, BX
	CMPQ BX, R10
	JLE  row
	LEAQ 4(R10), DX
	CMPQ BX, DX
	MOVQ R10, BX
	JLT  row
	VZEROUPPER
	RET
