#include "go_asm.h"
#include "textflag.h"

// AHEAD is how many records before its use one is asked for.
#define AHEAD 8

// func headWay(heads *Head, data *byte, size int, at *uint32, times *Time, set uint64, lanes *lanes, soon *byte, each int) (done, udp, bytes uint64)
//
// It is shortWay, but for what it writes: see there.
//
// AX scratch          R8  at                        X8  shuffle to Src, X9 to Dst
// BX frame            R9  bytes                     X10 the prefix of an IPv4 address
// CX row              R10 end of the IPv4 packet    X11 shuffle to ports … window, X12 mask
// DX bytes 16 … 23    R11 captured length           X0 … X2 scratch
// SI data             R12 rows of UDP
// DI heads            R13 head
//
// R14 has the rows left, R15 those that were not done. What is asked for is
// [soon, until-8(SP)): each bytes more with each row.
TEXT ·headWay(SB), NOSPLIT, $8-96
	MOVQ heads+0(FP), DI
	MOVQ data+8(FP), SI
	MOVQ at+24(FP), R8
	MOVQ set+40(FP), R14
	MOVQ lanes+48(FP), BX
	VMOVDQU (BX), X8
	VMOVDQU 16(BX), X9
	VMOVDQU 32(BX), X10
	VMOVDQU 48(BX), X11
	VMOVDQU 64(BX), X12
	MOVQ soon+56(FP), AX
	MOVQ AX, until-8(SP)
	XORL R9, R9
	XORL R12, R12
	XORL R15, R15
	JMP  row

fail:
	BTSQ CX, R15

row:
	TESTQ R14, R14
	JZ   end
	TZCNTQ R14, CX
	BLSRQ R14, R14

	// A later record; the last ask for the first, which is there too.
	LEAQ AHEAD(CX), AX
	ANDQ $63, AX
	MOVL (R8)(AX*4), AX
	PREFETCHT0 (SI)(AX*1)
	PREFETCHT0 40(SI)(AX*1)

	// What is read soon.
	MOVQ soon+56(FP), AX
	MOVQ until-8(SP), DX
	ADDQ each+64(FP), DX
	MOVQ DX, until-8(SP)

more:
	CMPQ AX, DX
	JAE  asked
	PREFETCHT0 (AX)
	ADDQ $64, AX
	JMP  more

asked:
	MOVQ AX, soon+56(FP)

	MOVL (R8)(CX*4), BX
	ADDQ SI, BX
	MOVL -8(BX), R11
	CMPQ R11, $54
	JB   fail
	LEAQ (BX)(R11*1), AX
	SUBQ SI, AX
	CMPQ AX, size+16(FP)
	JA   fail
	MOVL 12(BX), AX       // EtherType, version, header length
	ANDL $0xffffff, AX
	CMPL AX, $0x450008
	JNE  fail
	MOVQ 16(BX), DX
	BSWAPQ DX             // total length, identification, flags and offset, TTL, protocol
	TESTL $0x3fff0000, DX
	JNZ  fail
	MOVL -4(BX), AX
	ANDL $0x7fffffff, AX
	CMPQ AX, R11
	CMOVQLT R11, AX       // length on the wire, captured at least
	MOVQ DX, R10
	SHRQ $48, R10
	ADDQ $14, R10
	CMPQ R10, AX
	JGT  fail

	MOVQ CX, R13
	SHLQ $6, R13
	ADDQ DI, R13
	VMOVDQU 34(BX), X2
	VPSHUFB X11, X2, X2
	VPAND X12, X2, X2

	CMPB DX, $6
	JNE  notTCP
	MOVBLZX 46(BX), AX
	SHRL $4, AX
	LEAQ 34(AX*4), AX     // where the payload begins
	CMPQ AX, $54
	JLT  fail
	CMPQ AX, R10
	JGT  fail
	CMPQ AX, R11
	JGT  fail
	MOVQ $const_PlainTCP, R10
	JMP  common

notTCP:
	CMPB DX, $17
	JNE  fail
	MOVWLZX 38(BX), AX
	ROLW $8, AX           // length of the datagram
	CMPQ AX, $8
	JLT  fail
	ADDQ $34, AX
	CMPQ AX, R10
	JGT  fail
	BTSQ CX, R12
	MOVQ $const_PlainUDP, R10

common:
	ADDQ R11, R9
	MOVQ R10, Head_Has(R13)
	VMOVDQU 26(BX), X0
	VPSHUFB X8, X0, X1
	VPOR X10, X1, X1
	VMOVDQU X1, Head_Src(R13)
	VPSHUFB X9, X0, X0
	VPOR X10, X0, X0
	VMOVDQU X0, Head_Dst(R13)
	VMOVQ X2, Head_SrcPort(R13)
	MOVQ times+32(FP), AX
	MOVQ (AX)(CX*8), AX
	MOVQ AX, Head_Time(R13)
	MOVL -4(BX), AX
	MOVWLZX DX, DX        // TTL, protocol
	SHLQ $40, DX
	ORQ  DX, AX
	MOVQ $(4<<32), R10
	ORQ  R10, AX
	MOVQ AX, Head_Len(R13)
	JMP  row

end:
	NOTQ R15
	ANDQ set+40(FP), R15
	MOVQ R15, done+72(FP)
	MOVQ R12, udp+80(FP)
	MOVQ R9, bytes+88(FP)
	RET
