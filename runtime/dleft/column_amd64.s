#include "textflag.h"

// Layout of a bucket: fp at 0, flags at 24, v at 28, used at 52.
#define FLAGS 24
#define VALUE 28
#define USED 52

// AHEAD is how many rows before its use the first bucket of a row is asked for.
#define AHEAD 16

// func addColumn(buckets *bucket, n uint64, column *uint64, add uint64, times *int64, seen *uint8, out *int64, from, rows int, amount int64) (next, made int)
//
// AX scratch, the cell        R8  column            R12 hash, later the amount
// BX row                      R9  add               R13 scratch
// CX bucket of the key        R10 times
// DX scratch                  R11 seen
// SI number of buckets        X0, Y0 fingerprint    Y2 zero
// DI buckets                  Y1 scratch
TEXT ·addColumn(SB), NOSPLIT, $0-96
	MOVQ  buckets+0(FP), DI
	MOVQ  n+8(FP), SI
	MOVQ  column+16(FP), R8
	MOVQ  add+24(FP), R9
	MOVQ  times+32(FP), R10
	MOVQ  seen+40(FP), R11
	MOVQ  from+56(FP), BX
	MOVQ  $0, made+88(FP)
	VPXOR Y2, Y2, Y2

row:
	CMPQ BX, rows+64(FP)
	JGE  done

	// The bucket of a later row.
	LEAQ AHEAD(BX), AX
	CMPQ AX, rows+64(FP)
	JGE  first
	MOVQ (R8)(AX*8), AX
	ADDQ R9, AX
	MULQ SI
	SHLQ $6, DX
	PREFETCHT0 (DI)(DX*1)

first:
	MOVQ  (R8)(BX*8), R12
	ADDQ  R9, R12
	MOVQ  R12, AX
	MULQ  SI
	SHLQ  $6, DX
	LEAQ  (DI)(DX*1), CX
	MOVL  R12, AX
	TESTL AX, AX
	JEQ   other           // fingerprint 0 is 1: left to Go
	VMOVD AX, X0
	VPBROADCASTD X0, Y0
	VPCMPEQD (CX), Y0, Y1
	VMOVMSKPS Y1, AX
	ANDL  $0x3F, AX
	JEQ   second

found:
	// The key is held in bucket CX, cell: lowest bit of AX.
	BSFL    AX, AX
	MOVL    FLAGS(CX), DX
	BTL     AX, DX
	JCS     other
	MOVBQZX (R11)(BX*1), R12 // 0 or 1
	DECQ    R12
	ANDQ    amount+72(FP), R12
	MOVLQSX VALUE(CX)(AX*4), DX
	ADDQ    R12, DX
	MOVLQSX DX, R13
	CMPQ    DX, R13
	JNE     other
	MOVL    DX, VALUE(CX)(AX*4)
	MOVWLZX USED(CX)(AX*2), R13
	MOVWLZX 4(R10)(BX*8), DX // time >> 32
	TESTQ   R12, R12
	CMOVLNE DX, R13
	MOVW    R13, USED(CX)(AX*2)
	MOVLQSX VALUE(CX)(AX*4), DX
	MOVQ    out+48(FP), AX
	MOVQ    DX, (AX)(BX*8)
	INCQ    BX
	JMP     row

second:
	// Not in its first bucket CX.
	MOVL  FLAGS(CX), DX
	TESTL DX, DX
	JPL   absent           // not spilled
	MOVQ  R12, AX
	SHRQ  $32, AX
	XORQ  R12, AX
	MOVQ  $0x9E3779B97F4A7C15, DX
	IMULQ DX, AX
	MULQ  SI
	SHLQ  $6, DX
	VPCMPEQD (DI)(DX*1), Y0, Y1
	VMOVMSKPS Y1, AX
	ANDL  $0x3F, AX
	JEQ   absent
	LEAQ  (DI)(DX*1), CX
	JMP   found

absent:
	CMPB (R11)(BX*1), $0
	JNE  unseen
	VPCMPEQD (CX), Y2, Y1  // empty cells of the first bucket
	VMOVMSKPS Y1, AX
	ANDL $0x3F, AX
	POPCNTL AX, R13
	CMPL R13, $3           // more than 6 - preferred
	JGT  insert

	// The second bucket, if it has more empty cells.
	MOVQ  R12, AX
	SHRQ  $32, AX
	XORQ  R12, AX
	MOVQ  $0x9E3779B97F4A7C15, DX
	IMULQ DX, AX
	MULQ  SI
	SHLQ  $6, DX
	VPCMPEQD (DI)(DX*1), Y2, Y1
	VMOVMSKPS Y1, AX
	ANDL  $0x3F, AX
	POPCNTL AX, R12
	CMPL  R12, R13
	JGT   spill
	TESTL R13, R13
	JEQ   other            // both are full
	VPCMPEQD (CX), Y2, Y1
	VMOVMSKPS Y1, AX
	ANDL  $0x3F, AX
	JMP   insert

spill:
	ORL  $0x80000000, FLAGS(CX)
	LEAQ (DI)(DX*1), CX

insert:
	// A new key in bucket CX, cell: lowest bit of AX. Its wide bit is 0.
	BSFL    AX, AX
	VMOVD   X0, (CX)(AX*4)
	MOVQ    amount+72(FP), DX
	MOVL    DX, VALUE(CX)(AX*4)
	MOVWLZX 4(R10)(BX*8), R13
	MOVW    R13, USED(CX)(AX*2)
	MOVQ    out+48(FP), AX
	MOVQ    DX, (AX)(BX*8)
	INCQ    made+88(FP)
	INCQ    BX
	JMP     row

unseen:
	// Not held, and not to be added.
	MOVQ out+48(FP), AX
	MOVQ $0, (AX)(BX*8)
	INCQ BX
	JMP  row

other:
done:
	MOVQ BX, next+80(FP)
	VZEROUPPER
	RET
