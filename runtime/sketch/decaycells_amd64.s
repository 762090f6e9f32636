#include "textflag.h"

// AHEAD is how many rows before its use the lines of a row are asked for.
#define AHEAD 16

// Layout of decayRows: sums, down, first, second, then the four cells.
#define SUM 512
#define DOWN 1024
#define FIRST 1536
#define SECOND 2048
#define CELL0 2560
#define CELL1 3072
#define CELL2 3584
#define CELL3 4096

// ROW does the row at BX. The first word of a line is the number of its origin.
#define ROW \
	MOVQ FIRST(BX), CX; \
	MOVQ SECOND(BX), DX; \
	CMPQ (CX), AX; \
	JNE  done; \
	CMPQ (DX), AX; \
	JNE  done; \
	MOVQ CELL0(BX), R8; \
	MOVQ CELL1(BX), R9; \
	MOVQ CELL2(BX), R10; \
	MOVQ CELL3(BX), R11; \
	; \
	VMOVSD (R8), X1; \
	VMOVSD (R10), X2; \
	VMINSD (R9), X1, X1; \
	VMINSD (R11), X2, X2; \
	VMINSD X1, X2, X0; \
	; \
	VMULSD  DOWN(BX), X0, X1; \
	VCMPSD  $1, X8, X1, X1; \
	VANDNPD X0, X1, X3; \
	VADDSD  SUM(BX), X3, X3; \
	VUCOMISD X9, X3; \
	JHI     done; \
	; \
	VMAXSD (R8), X3, X1; \
	VMAXSD (R9), X3, X2; \
	VMAXSD (R10), X3, X4; \
	VMAXSD (R11), X3, X5; \
	VMOVSD X1, (R8); \
	VMOVSD X2, (R9); \
	VMOVSD X4, (R10); \
	VMOVSD X5, (R11); \
	VMOVSD X3, SUM(BX); \
	ADDQ   $8, BX

// func decayCellRows(places *decayRows, from, rows int, number int64) (next int)
//
// AX number              R8 … R11 cells          X0 the least cell, X3 the sum
// BX row                 DI the end of rows      X1, X2, X4, X5 scratch
// CX line of first       SI that less AHEAD      X8 Negligible
// DX line of second      R12 scratch             X9 largest value
TEXT ·decayCellRows(SB), NOSPLIT, $0-40
	MOVQ places+0(FP), R12
	MOVQ from+8(FP), BX
	MOVQ rows+16(FP), DI
	LEAQ (R12)(BX*8), BX
	LEAQ (R12)(DI*8), DI
	LEAQ -(8*AHEAD)(DI), SI
	MOVQ $0x3E112E0BE826D695, AX
	VMOVQ AX, X8
	MOVQ $0x7FEFFFFFFFFFFFFF, AX
	VMOVQ AX, X9
	MOVQ number+24(FP), AX
	CMPQ BX, SI
	JGE  last

row:
	MOVQ FIRST+(8*AHEAD)(BX), R12
	MOVQ SECOND+(8*AHEAD)(BX), R13
	PREFETCHT0 (R12)
	PREFETCHT0 (R13)
	ROW
	CMPQ BX, SI
	JLT  row

last:
	CMPQ BX, DI
	JGE  done

lastrow:
	ROW
	CMPQ BX, DI
	JLT  lastrow

done:
	SUBQ places+0(FP), BX
	SHRQ $3, BX
	MOVQ BX, next+32(FP)
	RET
