#include "textflag.h"

// func prefetch(base unsafe.Pointer, lines uint64, column *uint64, add uint64, rows int)
//
// For each row: line = hi64((column[row] + add) · lines); prefetch base + 64·line.
TEXT ·prefetch(SB), NOSPLIT, $0-40
	MOVQ base+0(FP), DI
	MOVQ lines+8(FP), SI
	MOVQ column+16(FP), R8
	MOVQ add+24(FP), R9
	MOVQ rows+32(FP), R10
	XORL BX, BX

row:
	MOVQ (R8)(BX*8), AX
	ADDQ R9, AX
	MULQ SI
	SHLQ $6, DX
	PREFETCHT0 (DI)(DX*1)
	INCQ BX
	CMPQ BX, R10
	JLT  row
	RET

// func prefetchSecond(base unsafe.Pointer, lines uint64, column *uint64, add uint64, rows int)
//
// The same with Second(column[row] + add) in place of the hash.
TEXT ·prefetchSecond(SB), NOSPLIT, $0-40
	MOVQ base+0(FP), DI
	MOVQ lines+8(FP), SI
	MOVQ column+16(FP), R8
	MOVQ add+24(FP), R9
	MOVQ rows+32(FP), R10
	MOVQ $0x9E3779B97F4A7C15, R11
	XORL BX, BX

row:
	MOVQ  (R8)(BX*8), AX
	ADDQ  R9, AX
	MOVQ  AX, CX
	SHRQ  $32, CX
	XORQ  CX, AX
	IMULQ R11, AX
	MULQ  SI
	SHLQ  $6, DX
	PREFETCHT0 (DI)(DX*1)
	INCQ  BX
	CMPQ  BX, R10
	JLT   row
	RET
