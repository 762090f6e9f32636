#include "go_asm.h"
#include "textflag.h"

// AHEAD is how many records before its use one is asked for.
#define AHEAD 8

// func headWay(heads *Head, data *byte, size int, at *uint32, times *Time, set uint64, lanes *lanes) (done, udp, bytes uint64)
//
// It is shortWay, but for what it writes: see there.
//
// AX scratch          R8  at                        Y8  shuffle to Src and Dst
// BX frame                                          X9  shuffle to IPVersion … TTL, X5 the version
// CX row              R10 end of the IPv4 packet    Y10 the prefix of an IPv4 address, twice
// DX that end, as     R11 captured length           X11 shuffle to ports … window, X12 mask
//    far as captured  R12 rows of UDP               X14 what bytes 12 … 27 are, X15 mask
// SI data             R13 bytes                     Y0 … Y2 scratch
// DI heads
//
// R14 has the rows left, R15 those that were not done, size+16(FP) the end of data. In the end
// R10 is where the head is behind DI, in eight bytes.
TEXT ·headWay(SB), NOSPLIT, $0-80
	MOVQ heads+0(FP), DI
	MOVQ data+8(FP), SI
	ADDQ SI, size+16(FP)
	MOVQ at+24(FP), R8
	MOVQ set+40(FP), R14
	MOVQ lanes+48(FP), BX
	VMOVDQU (BX), Y8
	VBROADCASTI128 32(BX), Y10
	VMOVDQU 48(BX), X11
	VMOVDQU 64(BX), X12
	VMOVDQU 128(BX), X14
	VMOVDQU 144(BX), X15
	VMOVDQU 192(BX), X9
	VMOVDQU 208(BX), X5
	XORL R13, R13
	XORL R12, R12
	XORL R15, R15
	JMP  next

fail:
	BTSQ CX, R15

next:
	TESTQ R14, R14
	JZ   end

row:
	TZCNTQ R14, CX
	BLSRQ R14, R14

	// A later record; the last ask for the first, which is there too.
	LEAQ AHEAD(CX), AX
	ANDL $63, AX
	MOVL (R8)(AX*4), AX
	PREFETCHT0 (SI)(AX*1)
	PREFETCHT0 40(SI)(AX*1)

	MOVL (R8)(CX*4), BX
	ADDQ SI, BX
	MOVL -8(BX), R11
	CMPQ R11, $54
	JB   fail
	LEAQ (BX)(R11*1), AX
	CMPQ AX, size+16(FP)
	JA   fail
	VPXOR 12(BX), X14, X0 // EtherType, version, header length, flags and offset
	VPTEST X15, X0
	JNZ  fail
	MOVWLZX 16(BX), R10
	ROLW $8, R10          // total length
	ADDQ $14, R10
	MOVQ R10, DX
	CMPQ R10, R11
	JGT  cut

whole:
	CMPB 23(BX), $6
	JNE  notTCP
	MOVBLZX 46(BX), AX
	SHRL $4, AX
	LEAQ 34(AX*4), AX     // where the payload begins
	CMPQ AX, $54
	JLT  fail
	CMPQ AX, DX
	JGT  fail
	LEAQ (CX*8), R10
	MOVQ $const_PlainTCP, Head_Has(DI)(R10*8)

common:
	ADDQ R11, R13
	VBROADCASTI128 22(BX), Y0
	VMOVDQU 34(BX), X2
	VPSHUFB Y8, Y0, Y1
	VPOR Y10, Y1, Y1
	VMOVDQU Y1, Head_Src(DI)(R10*8) // and Dst
	VPSHUFB X11, X2, X2
	VPAND X12, X2, X2
	VMOVQ X2, Head_SrcPort(DI)(R10*8)
	MOVQ times+32(FP), AX
	MOVQ (AX)(CX*8), AX
	MOVQ AX, Head_Time(DI)(R10*8)
	MOVL -4(BX), AX
	MOVL AX, Head_Len(DI)(R10*8)
	VPSHUFB X9, X0, X0
	VPOR X5, X0, X0
	VMOVD X0, Head_IPVersion(DI)(R10*8)
	TESTQ R14, R14
	JNZ  row

end:
	NOTQ R15
	ANDQ set+40(FP), R15
	MOVQ R15, done+56(FP)
	MOVQ R12, udp+64(FP)
	MOVQ R13, bytes+72(FP)
	VZEROUPPER
	RET

cut:
	MOVL -4(BX), AX
	ANDL $0x7fffffff, AX  // length on the wire
	CMPQ R10, AX
	JGT  fail
	MOVQ R11, DX
	JMP  whole

notTCP:
	CMPB 23(BX), $17
	JNE  fail
	MOVWLZX 38(BX), AX
	ROLW $8, AX           // length of the datagram
	CMPQ AX, $8
	JLT  fail
	ADDQ $34, AX
	CMPQ AX, R10
	JGT  fail
	BTSQ CX, R12
	LEAQ (CX*8), R10
	MOVQ $const_PlainUDP, Head_Has(DI)(R10*8)
	JMP  common
