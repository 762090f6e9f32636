#include "go_asm.h"
#include "textflag.h"

// AX hash, of an address         SI packet              R12 seed, mixed
// BX rows left                   DI row                 R13 what eight bytes of 0 come to
// CX scratch                     R8, R9, R10, R11       R14 src
// DX of its first eight bytes    the primes of XXH64    R15 dst
//
// The place of the result is not 0 if the rows are the first ones, as all of a chunk are: then
// they need no search for the next bit and no multiplication for its packet.
//
// Rows are done one by one: the processor begins the next ones long before it has the hashes
// of one, and always has multiplications to do. TZCNT is BSF where there is none: there is a
// bit.

// BEGIN loads the arguments and finds out of which kind the rows are.
#define BEGIN \
	MOVQ  rows+8(FP), BX;            \
	MOVQ  seed+16(FP), R12;          \
	MOVQ  src+24(FP), R14;           \
	MOVQ  dst+32(FP), R15;           \
	MOVQ  $0x9E3779B185EBCA87, R8;   \
	MOVQ  $0xC2B2AE3D27D4EB4F, R9;   \
	MOVQ  $0x165667B19E3779F9, R10;  \
	MOVQ  $0x85EBCA77C2B2AE63, R11;  \
	MOVQ  $0x27D4EB2F165667D5, R13;  \ // the fifth, and the length of an address
	ADDQ  R13, R12;                  \
	MOVQ  R12, R13;                  \
	ROLQ  $27, R13;                  \
	IMULQ R8, R13;                   \
	ADDQ  R11, R13;                  \
	XORL  DI, DI;                    \
	LEAQ  1(BX), AX;                 \
	XORL  CX, CX;                    \
	TESTQ BX, AX;                    \
	SETEQ CX;                        \
	MOVQ  CX, n+48(FP)

// FIRST makes DX of the first eight bytes of an address, AX.
#define FIRST \
	IMULQ R9, AX;  \
	ROLQ  $31, AX; \
	IMULQ R8, AX;  \
	XORQ  R12, AX; \
	ROLQ  $27, AX; \
	IMULQ R8, AX;  \
	LEAQ  (AX)(R11*1), DX

// SPREAD is h ^= h >> n.
#define SPREAD(n) \
	MOVQ AX, CX; \
	SHRQ n, CX;  \
	XORQ CX, AX

// REST makes the hash of DX and the last eight bytes of an address, AX.
#define REST \
	IMULQ R9, AX;  \
	ROLQ  $31, AX; \
	IMULQ R8, AX;  \
	XORQ  DX, AX;  \
	ROLQ  $27, AX; \
	IMULQ R8, AX;  \
	ADDQ  R11, AX; \
	SPREAD($33);   \
	IMULQ R9, AX;  \
	SPREAD($29);   \
	IMULQ R10, AX; \
	SPREAD($32)

// ROWS does the rows of packets of that size, of which the fields lie there.
#define ROWS(size, src, dst, time) \
search: \
	TZCNTQ BX, SI;          \
	LEAQ  -1(BX), CX;       \
	IMULQ $size, SI;        \
	ADDQ  first+0(FP), SI;  \
	CMPQ  n+48(FP), $0;     \
	JNE   row;              \
	ANDQ  CX, BX;           \
row: \
	TESTQ R14, R14;         \
	JZ    noSrc;            \
	MOVQ  src(SI), AX;      \
	MOVQ  R13, DX;          \
	TESTQ AX, AX;           \
	JNZ   longSrc;          \
shortSrc: \
	MOVQ  (src+8)(SI), AX;  \
	REST;                   \
	MOVQ  AX, (R14)(DI*8);  \
noSrc: \
	TESTQ R15, R15;         \
	JZ    noDst;            \
	MOVQ  dst(SI), AX;      \
	MOVQ  R13, DX;          \
	TESTQ AX, AX;           \
	JNZ   longDst;          \
shortDst: \
	MOVQ  (dst+8)(SI), AX;  \
	REST;                   \
	MOVQ  AX, (R15)(DI*8);  \
noDst: \
	MOVQ  times+40(FP), CX; \
	TESTQ CX, CX;           \
	JZ    noTime;           \
	MOVQ  time(SI), AX;     \
	MOVQ  AX, (CX)(DI*8);   \
noTime: \
	INCQ  DI;               \
	CMPQ  n+48(FP), $0;     \
	JNE   next;             \
	TESTQ BX, BX;           \
	JNZ   search;           \
	MOVQ  DI, n+48(FP);     \
	RET;                    \
next: \
	ADDQ  $size, SI;        \
	SHRQ  $1, BX;           \
	JNZ   row;              \
	MOVQ  DI, n+48(FP);     \
	RET;                    \
longSrc: \
	FIRST;                  \
	JMP   shortSrc;         \
longDst: \
	FIRST;                  \
	JMP   shortDst

// func fillKernel(first *packet.Packet, rows, seed uint64, src, dst *[64]uint64, times *[64]int64) (n int)
TEXT ·fillKernel(SB), NOSPLIT, $0-56
	BEGIN
	ROWS(const_packetSize, const_packetSrc, const_packetDst, const_packetTime)

// func fillHeadsKernel(first *packet.Head, rows, seed uint64, src, dst *[64]uint64, times *[64]int64) (n int)
TEXT ·fillHeadsKernel(SB), NOSPLIT, $0-56
	BEGIN
	ROWS(const_headSize, const_headSrc, const_headDst, const_headTime)
