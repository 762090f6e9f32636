#include "go_asm.h"
#include "textflag.h"

// AHEAD is how many records before its use one is asked for.
#define AHEAD 8

// func shortWay(packets *Packet, data *byte, size int, at *uint32, times *Time, set uint64, lanes *lanes) (done, udp, bytes uint64)
//
// AX scratch          R8  at                        Y8  shuffle to Src and Dst
// BX frame                                          X9  shuffle to Iface … TTL, X5 what else these are
// CX row              R10 end of the IPv4 packet    Y10 the prefix of an IPv4 address, twice
// DX its length,      R11 captured length           X11 shuffle to ports … TCPAck, X12 mask
//    scratch          R12 that end, as captured     X13 shuffle to EthSrc … enclosed
// SI data             R13 packet                    X14 what bytes 12 … 27 are, X15 mask
// DI packets                                        X6  layers of TCP, X7 of UDP
//
// R14 has the rows left, R15 those that were not decoded, size+16(FP) the end of data. Y0 … Y3 are
// scratch.
TEXT ·shortWay(SB), NOSPLIT, $0-80
	MOVQ packets+0(FP), DI
	MOVQ data+8(FP), SI
	ADDQ SI, size+16(FP)
	MOVQ at+24(FP), R8
	MOVQ set+40(FP), R14
	MOVQ lanes+48(FP), BX
	VMOVDQU (BX), Y8
	VBROADCASTI128 32(BX), Y10
	VMOVDQU 48(BX), X11
	VMOVDQU 64(BX), X12
	VMOVDQU 80(BX), X13
	VMOVDQU 96(BX), X6
	VMOVDQU 112(BX), X7
	VMOVDQU 128(BX), X14
	VMOVDQU 144(BX), X15
	VMOVDQU 160(BX), X9
	VMOVDQU 176(BX), X5
	XORL R15, R15
	MOVQ R15, udp+64(FP)
	MOVQ R15, bytes+72(FP)
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
	MOVQ -8(BX), R10
	MOVL R10, R11
	CMPQ R11, $54
	JB   fail
	LEAQ (BX)(R11*1), AX
	CMPQ AX, size+16(FP)
	JA   fail
	VPXOR 12(BX), X14, X0 // EtherType, version, header length, flags and offset
	VPTEST X15, X0
	JNZ  fail

	IMUL3Q $Packet__size, CX, R13
	ADDQ DI, R13
	BYTE $0x41; BYTE $0x0F; BYTE $0x0D; BYTE $0x8D; LONG $(6*Packet__size)      // PREFETCHW 6*size(R13)
	BYTE $0x41; BYTE $0x0F; BYTE $0x0D; BYTE $0x8D; LONG $(6*Packet__size+64)
	BYTE $0x41; BYTE $0x0F; BYTE $0x0D; BYTE $0x8D; LONG $(6*Packet__size+128)

	ROLQ $32, R10
	MOVQ R10, Packet_Len(R13)
	MOVWLZX 16(BX), DX
	ROLW $8, DX           // total length
	LEAQ 14(DX), R10
	MOVQ R10, R12
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
	CMPQ AX, R12
	JGT  fail
	VMOVDQU 34(BX), X2
	VPSHUFB X11, X2, X2
	VPAND X12, X2, X2
	VMOVDQU X2, Packet_SrcPort(R13)
	VMOVDQU X6, Packet_Has(R13)

common:
	ADDQ R11, bytes+72(FP)
	VBROADCASTI128 22(BX), Y0
	VPSHUFB Y8, Y0, Y1
	VPOR Y10, Y1, Y1
	VMOVDQU Y1, Packet_Src(R13) // and Dst
	VPSHUFB X9, X0, X0
	VPOR X5, X0, X0
	VMOVQ X0, Packet_Iface(R13)
	VMOVDQU (BX), X3
	VPSHUFB X13, X3, X3
	VMOVDQU X3, Packet_EthSrc(R13)

	SUBQ AX, R10          // payload by the headers
	SHLQ $32, R10
	ORQ  DX, R10
	MOVQ R10, Packet_IPLen(R13)
	MOVQ times+32(FP), DX
	MOVQ (DX)(CX*8), DX
	MOVQ DX, Packet_Time(R13)
	MOVWLZX 18(BX), DX
	ROLW $8, DX
	MOVL DX, Packet_IPID(R13)
	XORL R10, R10
	MOVW R10, Packet_FragOffset(R13)
	MOVBLZX 15(BX), DX
	SHRL $2, DX
	MOVW DX, Packet_DSCP(R13) // and MoreFrags

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
	TESTQ R14, R14
	JNZ  row

end:
	NOTQ R15
	ANDQ set+40(FP), R15
	MOVQ R15, done+56(FP)
	VZEROUPPER
	RET

cut:
	MOVL -4(BX), AX
	ANDL $0x7fffffff, AX  // length on the wire
	CMPQ R10, AX
	JGT  fail
	MOVQ R11, R12
	JMP  whole

notTCP:
	CMPB 23(BX), $17
	JNE  fail
	MOVWLZX 38(BX), AX
	ROLW $8, AX           // length of the datagram
	CMPQ AX, $8
	JLT  fail
	LEAQ -20(DX), R12
	CMPQ AX, R12
	JGT  fail
	LEAQ 34(AX), R10
	MOVQ R10, R12
	CMPQ R11, R12
	CMOVQLT R11, R12
	MOVW AX, Packet_UDPLen(R13)
	MOVL 34(BX), AX
	BSWAPL AX
	ROLL $16, AX
	MOVL AX, Packet_SrcPort(R13)
	VMOVDQU X7, Packet_Has(R13)
	MOVQ udp+64(FP), AX
	BTSQ CX, AX
	MOVQ AX, udp+64(FP)
	MOVL $42, AX
	JMP  common
