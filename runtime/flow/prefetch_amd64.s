#include "textflag.h"

// PLACE puts where the line of row BX begins in DX, from its hash in AX.
#define PLACE \
	MULQ SI; \
	SHLQ $6, DX

// NEXT goes on with the next row, if there is one.
#define NEXT(row) \
	INCQ BX; \
	CMPQ BX, R10; \
	JLT  row; \
	RET

#define HASH \
	MOVQ (R8)(BX*8), AX; \
	ADDQ R9, AX

// SECOND is flow.Second of the hash.
#define SECOND \
	HASH; \
	MOVQ  AX, CX; \
	SHRQ  $32, CX; \
	XORQ  CX, AX; \
	IMULQ R11, AX

// func prefetch(base unsafe.Pointer, lines uint64, column *uint64, add uint64, rows int, far bool)
//
// For each row: line = hi64((column[row] + add) · lines); prefetch base + 64·line, to the
// second-level cache if it is to be far.
TEXT ·prefetch(SB), NOSPLIT, $0-41
	MOVQ base+0(FP), DI
	MOVQ lines+8(FP), SI
	MOVQ column+16(FP), R8
	MOVQ add+24(FP), R9
	MOVQ rows+32(FP), R10
	XORL BX, BX
	CMPB far+40(FP), $0
	JNE  far

near:
	HASH
	PLACE
	PREFETCHT0 (DI)(DX*1)
	NEXT(near)

far:
	HASH
	PLACE
	PREFETCHT1 (DI)(DX*1)
	NEXT(far)

// func prefetchSecond(base unsafe.Pointer, lines uint64, column *uint64, add uint64, rows int, far bool)
//
// The same with Second(column[row] + add) in place of the hash.
TEXT ·prefetchSecond(SB), NOSPLIT, $0-41
	MOVQ base+0(FP), DI
	MOVQ lines+8(FP), SI
	MOVQ column+16(FP), R8
	MOVQ add+24(FP), R9
	MOVQ rows+32(FP), R10
	MOVQ $0x9E3779B97F4A7C15, R11
	XORL BX, BX
	CMPB far+40(FP), $0
	JNE  far

near:
	SECOND
	PLACE
	PREFETCHT0 (DI)(DX*1)
	NEXT(near)

far:
	SECOND
	PLACE
	PREFETCHT1 (DI)(DX*1)
	NEXT(far)
