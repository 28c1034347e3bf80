package literal

// rarity holds how rare it is in source code that one byte follows another, as
// '0' + 4*log2(1/share), for every pair of symbols, a row for the first; the row
// before them holds how rare each symbol is by itself. Counted over equal shares of workers-sdk (TypeScript,
// JSON, Markdown), Go, Python (standard libraries) and C (system headers).
const rarity = "" +
	":ZKR_\\XQJBCZIQILMNORQTQWTWKPUMT^TBKEF?GIICWNEGCCFUBCAGKMLKWMVM_G" + // any byte
	"5QGL\\USJHVHU_PZOKMNQSUWZY]L_SFW\\NDIEIIGJODYTKKIGH\\FDBLJJOTYFRM_F" + // ' '
	"APG]P__S=WL__YTT_____^____\\_V3__UNNFIKMWQG_[OQOIK]FFHQNRXX]USY[G" + // '!'
	"C^?URP_TT?@[9MGJURQZZ^____AESZP_LGHDHHHKJHUPKFILGVFDFIEHQXXQOEVQ" + // '"'
	"4][?_[_Z__K^_\\_R]JYZ\\[W\\_XR__\\___WXS9AV[YA__TZX_O[UNZPZWR______T" + // '#'
	"D[J]QUQKKUM[UN:GKJOSS[ZXRV[]X[]ZPMMMRTWMTR[[QVPQO]ELQYRNSZZ3OXUP" + // '$'
	">[RFYSZRHVOMYWT\\QVENODXRRR^[NR^_TQRO<RKTXN__IHVYLAE7OH;VMXVTWX^U" + // '%'
	"5_X[__7VMEB_H_N_QR^U__[]___]_PJ_]LDNPSPVPP^\\USQVMZQJOZXYJ^^_YONH" + // '&'
	"D]NVZO\\LQ=7Z<TMPUUWP\\[]\\^]GVUZY^TJLILKMLMJPPKALMHXICCLGOKQQREKWN" + // '\''
	"QP?_]UQHI<A__WUXDKPTVYX]\\__\\___UNEGBHGGFHEWOIEFEEYD@ELALIRSDX_]?" + // '('
	"?YI_]_\\]R5?\\FYIDUZ^_^_____JBT_[[SLKEOKJTUF_ZPOOKK^EIJSGQQW]JVB_P" + // ')'
	"7_WC____\\5<_\\SWB_^__________^_[_[SYPQNJQ_K_[Z]WXR_YUJ\\P][__Y_H_R" + // '*'
	"6]L\\VX_MJFB;PMTOB@EMT]Z]SYXP\\@_TXEUMOSVTWFRZPRPFT_RMUVLXTV^VNT^D" + // '+'
	"2_V______Q8_____^LMPSP\\____________^_________W_____Y___________V" + // ','
	"=_R_TY_VS^KW\\8Z_HCINPSTWKO]__Q?_^FFDFFHOKGTJGIJHEVF?EKLHSWQVEX_Q" + // '-'
	"B_LS___WPR=_V_CILLOSVTVYYZ____Z_Y?FAGEDFHEJQFGDABYBA?GKJPXZ\\[X_B" + // '.'
	"8_OZPU_W_O:_H_N7YNTVXWYYZWY_\\_R_SKLCILNFPJSTMNRNI[MIKSQEQ__RYYY\\" + // '/'
	"@_K__^_RHDCR;KBX;BDGHIJJIIDJ_X[_WLMNJNM_________]_______;___PB_J" + // '0'
	"@_H___[TQCBQ<PCP?A=DDE>EFEDKQUN_UNMNHIJ__Z__Q[__\\_ZUWY_____[SC_M" + // '1'
	"@_F___YSAAC[=ODT>CEDD?FG@GCN[TL_UNHJJLH\\[R_RMQYXMWXSINV]I__WSFXJ" + // '2'
	"D_K____MIGG_<OEVBC8DCEDEA@BO^X^_TLMJIMJ_]W_WK___P_ZY]V][W__YQK_P" + // '3'
	"B_F____SADD[?NFYBEEEEDFFEEBN__S_RFJFJJFT[R_YHCNPQ_OFHM>ZF_^\\QJ_B" + // '4'
	"E_K__^_PTGG^>HHZ?<BBCA<CCC@N____RJIJHJJ______]__^__\\____[__^NK_O" + // '5'
	"D_G____SGEE_AOJ[DGGG5HHGFICRY_\\_SKLLKML__U__LK\\Y]_YQNOU_H___QL_I" + // '6'
	"C^K____OQGB]<NFTACBBAAAAAB>R[[__PGHHGGF_____U__[]__[_]______KK_L" + // '7'
	"A_B____ODBA^>MJ[AECFDD>ECE@R[_X_SGHFHHG__R__LM]_T_[TKMX_H__]OI_F" + // '8'
	"E_KP___OUHE\\=JGS<BABCCBCA@>W____PGHHHHH____^\\^U_R_ZX_\\Z_____KG_I" + // '9'
	"3_R_UZ_\\S_;__[^EXV[^______A__=__QUROPTP]^R__TOTWL_QPPYPW^__WWL_I" + // ':'
	"<_X____Y_G1________________]____X___________________________W___" + // ';'
	">TX_V\\_WP_J_[P[CTMSOX[UZW___BBJ__KGDFILVJFYUMMMQHYIA;JINKS^N^__7" + // '<'
	"2_H_WS_TM_O\\_X^_TTXZ^________<B__VYUVYP]ZW__WQMXU_TONZZ\\^]_LY__^" + // '='
	"6_J_^ZDL?F9_F\\MV^Z^\\____^_CDQCA_MRUTSYVYVW_\\UUXXV_SQXU^[][_NUT]G" + // '>'
	"8RGVKX]MKIB]MY<O]WWZ^^^^^^7[OMV=PTNQUWS]\\MXUTTTXGTRROUYLWV^OLVX]" + // '?'
	"<]LWGZ_QVDA]BOEMPRQQOQUTUUNJS_^]>DC@FEFMHITUIKIN=YCEFKOHTZ]LSCTL" + // '`'
	"E_U____ZVRT_SXL^YXYZ[ZZYZ[W^_____WEBAWNE_DZK=?>_D^<>;DLJMJ\\Z___S" + // 'a'
	"G_N____SSMP_MUBVQPPPRRSSRST[__^_Y>LDM<PO]>AT<PT>OYAEQ=VVRAUUWZ_L" + // 'b'
	"C_R___]WMJRUOXJUWTTTYVNXWXS[__V_^=RHQ>OR>H_@AKU8O\\EL=HLXJO_[\\S_J" + // 'c'
	";_J____TGJH^HOHQTJMMTNFUOXGQSVV\\UANKD8HPU=WNJNSCMSGFLGQQMK_XYP_D" + // 'd'
	"<_M___XUGJH_HRHQUYYY]][^\\^HPPUT]VEOCAJCHVNZZDE>OHI<>@UIJBK_V_P_F" + // 'e'
	":_O_Z__VHJJ_IRB_SNNTVVUUPTS\\^^__^@SOOBAR^;__ALH=M_AJFAVY_K_QVU_O" + // 'f'
	">_L___ZTEII_GRDQINMQ__N___GNXXS]XJPLS:RKE@__:KCCJ_D@DHUY_]XP_R_G" + // 'g'
	"?_O___WVFKL_ITIY_TXU__V_W_DOZXQ]Y;YWR7R\\Y=__NKR?Q_FJAG_\\_P[Y_V_H" + // 'h'
	"J_Z____[[TZZTZQ\\WYY]__W_^_[___[__JFBBE@D_W_UBC7?HXE>=YH_M_G__V_T" + // 'i'
	"D_P___\\KPIRRJX>R_ON_______PW_\\P\\_EXTP6V[YK\\QWPS>O^W9WAXH_Y^X_N_P" + // 'j'
	"?_L___[QEHB_ISGG_NPPQ]Z]Z^MOST\\[XBHIO6GGLBZVMPHQN_NCLJHI_S_N\\R_B" + // 'k'
	"A_O____VJKL_KULP_\\]^______NUXZX_Z>NNE:CNR<_W?TV=MZPAB@NQQG^S_V_D" + // 'l'
	"@_P____JLJP_LTKJ^SR]^ZM___KX[^X_\\;GSC8NY_A^VMEN>=]TGJEV\\\\R][_S_C" + // 'm'
	"=_M____QINM_LRJW_[]]______PSZZW_Y?WA>>G>YE]MKRLAK_S=;FIY_O_X_V_J" + // 'n'
	"C_U____ZTWS_UTP\\__^\\__Y___U___^__GFCCLCJ\\FRKDA9F?_:DCAFFQS_X___N" + // 'o'
	"C_S__]VWLLQ_KWH\\_RRR_^]___LWZ\\K__;SJK:NTMC_N?JP>D^=C@DYRWGZT_U_K" + // 'p'
	"E_G___]TNFO_HZG__IGNYLO_O_MHZXT_\\QMJOXSW[V_\\BD[ZTJJKF3[OXWQUWR_G" + // 'q'
	"?_O___ZTIKL_JSIX_UR\\______OSRWR_Y?SIG8NDW?_GKGB?Q]EBBDLP_F_W_T_H" + // 'r'
	"<_J____UJII_HMCN_XUQ__U___GRVVVYUFRFN;RSE@_ILLQEDSMA9DVPZGVJ]U_H" + // 's'
	"<_M____UEHK_HQHS_QXN__M_U_KRQWT]YATHM<NY=?_ZNNR?G^?DGBWPSA^U_U_G" + // 't'
	"M_[____YVZ[RY_W_LSR[______[______HDDE<FJ_B__>B<VCZ;?=\\\\^C______T" + // 'u'
	"D_M____MQFS_LV=WHJLOQYK[Y_OZP_R_W:KKI8RTN?_WPPRACROLJUNJR_WWY[_@" + // 'v'
	"@_N____UKNO_JQHZ_RPX_X____RT^\\Z_^:OJM?UX@;_QMMD;Q[>DPPHN^_XZ_Z_G" + // 'w'
	"@_N____OJCN\\FMEZFCHJLMOUDLIS]W\\_[FNBNEGPV?_GOLWM;WNL;TRVCJ_T_R_A" + // 'x'
	":_J___^QFDG_DLFV[VXZ______HMRSTXTPMLOLQOWI]YGBCG7_IDBVRP_^UU_O_C" + // 'y'
	"G_L___^KTGL_KOB[QSUT__U_U_PZ_]__]A[NP3R_WD__MM^FV_HVWV[MLQP]ZO_C" + // 'z'
	"<ZDN_ZYOU]5_\\SUWBEJOQXU[W\\J_^___GNKHNOOQTFVNNOCIK]NELSPRT[^HU@VL" + // '{'
	"8_I^RS_OQV=\\]VLMNWZ^________KL\\UKUOSJUQX\\V__UX?UQ_LLJ9ZPA_^P<S[W" + // '|'
	";_L_X__SE<5U;WGN__________HB\\_QVK^I___^__O__]__S\\_POX\\_____NRF__" + // '}'
	"@QFSOSUICSEVSOPHHFIILKOPTVOYVFTTPKRKOMSUSMXOPLIXSZJKMITTSWXFFQ5C" + // '~'
	"P_Y____YNTV_P_Y_HJPW\\\\__________^AD@DECEH@YJDACEBVC@?GFJGPY__\\_;" // '\x7f'

// symbol numbers what a gram tells apart: a byte without its bit 0x20.
func symbol(c byte) int { return int(c>>1&32 | c&31) }

func byteRarity(c byte) int { return int(rarity[symbol(c)]) - '0' }

// pairRarity is how rare it is that b follows a.
func pairRarity(a, b byte) int { return int(rarity[64+symbol(a)*64+symbol(b)]) - '0' }
