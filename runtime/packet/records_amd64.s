#include "go_asm.h"
#include "textflag.h"

// AHEAD is how many records before its use one is asked for.
#define AHEAD 8

// SAME is what Iface, Link, Problem, IPVersion, Proto and TTL are, but for the last two.
#define SAME $0x0000040000010000

// func shortWay(packets *Packet, data *byte, size int, at *uint32, times *Time, set uint64, lanes *lanes, soon *byte, each int) (done, udp, bytes uint64)
//
// AX scratch          R8  at                        X8  shuffle to Src, X9 to Dst
// BX frame            R9  times                     X10 the prefix of an IPv4 address
// CX row, total       R10 lengths, end, scratch     X11 shuffle to ports … TCPAck, X12 mask
// DX bytes 16 … 23    R11 captured length           X13 shuffle to EthSrc … enclosed
// SI data             R12 scratch                   X6  layers of TCP, X7 of UDP
// DI packets          R13 packet                    X0 … X5 scratch
//
// R14 has the rows left, R15 those that were not decoded, row-8(SP) the bit of the row. What
// is asked for is [soon, until-16(SP)): each bytes more with each row.
TEXT ·shortWay(SB), NOSPLIT, $16-96
	MOVQ packets+0(FP), DI
	MOVQ data+8(FP), SI
	MOVQ at+24(FP), R8
	MOVQ times+32(FP), R9
	MOVQ set+40(FP), R14
	MOVQ lanes+48(FP), BX
	VMOVDQU (BX), X8
	VMOVDQU 16(BX), X9
	VMOVDQU 32(BX), X10
	VMOVDQU 48(BX), X11
	VMOVDQU 64(BX), X12
	VMOVDQU 80(BX), X13
	VMOVDQU 96(BX), X6
	VMOVDQU 112(BX), X7
	MOVQ soon+56(FP), AX
	MOVQ AX, until-16(SP)
	XORL R15, R15
	MOVQ R15, udp+80(FP)
	MOVQ R15, bytes+88(FP)
	JMP  row

fail:
	ORQ  row-8(SP), R15

row:
	TESTQ R14, R14
	JZ   end
	TZCNTQ R14, CX
	LEAQ -1(R14), DX
	MOVQ R14, AX
	ANDQ DX, R14
	XORQ R14, AX
	MOVQ AX, row-8(SP)

	// A later record; the last ask for the first, which is there too.
	LEAQ AHEAD(CX), AX
	ANDQ $63, AX
	MOVL (R8)(AX*4), AX
	PREFETCHT0 (SI)(AX*1)
	PREFETCHT0 40(SI)(AX*1)

	// What is read soon.
	MOVQ soon+56(FP), AX
	MOVQ until-16(SP), R12
	ADDQ each+64(FP), R12
	MOVQ R12, until-16(SP)
more:
	CMPQ AX, R12
	JAE  asked
	PREFETCHT0 (AX)
	ADDQ $64, AX
	JMP  more

asked:
	MOVQ AX, soon+56(FP)

	MOVL (R8)(CX*4), BX
	ADDQ SI, BX
	MOVQ -8(BX), R10
	MOVL R10, R11
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

	MOVQ (R9)(CX*8), AX
	IMULQ $Packet__size, CX
	LEAQ (DI)(CX*1), R13
	MOVQ AX, Packet_Time(R13)
	BYTE $0x41; BYTE $0x0F; BYTE $0x0D; BYTE $0x8D; LONG $(6*Packet__size)      // PREFETCHW 6*size(R13)
	BYTE $0x41; BYTE $0x0F; BYTE $0x0D; BYTE $0x8D; LONG $(6*Packet__size+64)
	BYTE $0x41; BYTE $0x0F; BYTE $0x0D; BYTE $0x8D; LONG $(6*Packet__size+128)

	MOVQ DX, CX
	SHRQ $48, CX
	MOVQ R10, AX
	SHRQ $32, AX
	ANDL $0x7fffffff, AX
	CMPQ AX, R11
	CMOVQLT R11, AX
	ROLQ $32, R10
	MOVQ R10, Packet_Len(R13)
	LEAQ 14(CX), R10      // end of the IPv4 packet
	CMPQ R10, AX
	JGT  fail
	CMPB DX, $6
	JNE  notTCP

	MOVBLZX 46(BX), AX
	SHRL $4, AX
	LEAQ 34(AX*4), AX     // where the payload begins
	CMPQ AX, $54
	JLT  fail
	MOVQ R10, R12
	CMPQ R11, R12
	CMOVQLT R11, R12      // where it ends, as far as captured
	CMPQ AX, R12
	JGT  fail
	VMOVDQU 34(BX), X2
	VPSHUFB X11, X2, X2
	VPAND X12, X2, X2
	VMOVDQU X2, Packet_SrcPort(R13)
	VMOVDQU X6, Packet_Has(R13)
	JMP  common

notTCP:
	CMPB DX, $17
	JNE  fail
	MOVWLZX 38(BX), AX
	ROLW $8, AX           // length of the datagram
	CMPQ AX, $8
	JLT  fail
	LEAQ -20(CX), R12
	CMPQ AX, R12
	JGT  fail
	LEAQ 34(AX), R10
	MOVW AX, Packet_UDPLen(R13)
	MOVL 34(BX), AX
	BSWAPL AX
	ROLL $16, AX
	MOVL AX, Packet_SrcPort(R13)
	VMOVDQU X7, Packet_Has(R13)
	MOVQ row-8(SP), AX
	ORQ  AX, udp+80(FP)
	MOVL $42, AX
	MOVQ R10, R12
	CMPQ R11, R12
	CMOVQLT R11, R12

common:
	ADDQ R11, bytes+88(FP)
	VMOVDQU 26(BX), X0
	VPSHUFB X8, X0, X1
	VPOR X10, X1, X1
	VMOVDQU X1, Packet_Src(R13)
	VPSHUFB X9, X0, X0
	VPOR X10, X0, X0
	VMOVDQU X0, Packet_Dst(R13)
	VMOVDQU (BX), X3
	VPSHUFB X13, X3, X3
	VMOVDQU X3, Packet_EthSrc(R13)

	SUBQ AX, R10          // payload by the headers
	SHLQ $32, R10
	ORQ  R10, CX
	MOVQ CX, Packet_IPLen(R13)
	MOVQ DX, CX
	SHRQ $32, CX
	MOVWLZX CX, CX
	MOVL CX, Packet_IPID(R13)
	MOVQ DX, CX
	SHLQ $48, CX
	MOVQ SAME, R10
	ORQ  R10, CX
	MOVQ CX, Packet_Iface(R13)
	XORL R10, R10
	MOVW R10, Packet_FragOffset(R13)
	MOVBLZX 15(BX), CX
	SHRL $2, CX
	MOVW CX, Packet_DSCP(R13) // and MoreFrags

	MOVQ BX, Packet_Data(R13)
	MOVQ R11, (Packet_Data+8)(R13)
	MOVQ R11, (Packet_Data+16)(R13)
	SUBQ AX, R12
	SUBQ AX, R11
	CMOVQEQ R10, AX       // no address beyond the frame
	ADDQ BX, AX
	MOVQ AX, Packet_Payload(R13)
	MOVQ R12, (Packet_Payload+8)(R13)
	MOVQ R11, (Packet_Payload+16)(R13)
	JMP  row

end:
	NOTQ R15
	ANDQ set+40(FP), R15
	MOVQ R15, done+72(FP)
	RET
