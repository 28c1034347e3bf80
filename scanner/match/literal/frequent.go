package literal

import "strings"

// frequentGrams are the grams of letters and -./:_ that make up 2^-15 of source code
// or more: first those above 2^-9, behind each blank those that are half as
// frequent. Counted over 22 well-kept work trees of many languages, 507 MB. Single
// bytes and pairs say much too little of them: of the literals of 2026-11-26 1.1 % of
// the positions there had a gram if windows were picked by pairs and a short list of
// the worst grams, 0.6 % with this one.
const frequentGrams = "" +
	"tion atioeturnamereturingstritesttrinturn ----ablealueassecensconfcontctiodataenseerrofilefunchttpicenionslicementnfig" +
	"onfionteportptiorequrrorsertservsionsserstatthistimetypevaluwith .com.con.getacheactiaderalidalseanceangeartiatchaulta" +
	"uthbjecbuilbytecallcaticeptcessclascliecodecom/commcompconnconscreacripctedctorcurldatedefadescdingeadeeateecorecteect" +
	"iefauentientsequaequeequiersierveescrespoessaesulexceexpefalsfaulfiguformfromgithgrouibuticatientigurimpoinfoinstintei" +
	"on.ithuitiojectlasslectlienlistlockmessmplemporndernstantainterntexnullonneonseonstontaoperopicoptiorg.ountourcparapar" +
	"tpathpectpendplicponsprinpropprotprovpublqualquesquirratireadreamreatrecoresorespressresuriburiptrotorouprsiorversages" +
	"crisizesourspecsponssagstorstresulttaintatetatitextthattherthubtingtopitreatribtrueubliuestuilduireurcevaliversworkwri" +
	"txpec .apa.err.new.spr.str//gi/git://g_conabelackaadataddrafkaainealizalloame:amesamewamplandlapacappeapplaramargearra" +
	"arseatedatesaticatorattratusb.cobackbaseblicblocboolbutecachcasecatechanche.checchemcifickagcketcloscludcollcondcopyco" +
	"rdcounctivdefideledentdersdiredistditiduleecifeconectoeferefinegiselseemenemptenceendeenerent.entreptieraternaert_erti" +
	"erviesouessiest.est_estaestiestsetadeterethoetrieveneworfailfferffsefielfinaframfsetgenegistgurahandhanghashheadheckhe" +
	"mahis.hosthoulhub.ialiiderieldificifieightimitimplinalinclindeinering.ingsinition:ionaiptiirecisteistriterivatjsonkafk" +
	"kagelabelatelemeletelicalimilinelinklizellowloadlocaltermandmatcmbermetamethmetrmmanmockmodemodumptynctindexndlenectni" +
	"ngnitinnecnodense.nsumntenntryobjeocesockeoduloffsointolleommaonalons.onsuontrork.orkeormaouldoundoutpoverovidpacepach" +
	"packparspdatpecipertpoinppenpplipporpresprivprocps:/ramerangransraterectrediregiremorentreplresergetrintriterivarkerrm" +
	"atroceroperorsroutrovirrayrtitructrvics://scheselfserishousignsingspacsprissiostanstarsterstinstrastrusumesupptabltada" +
	"tanctargtarttasktatutemptentterntersthodthorthrotialtiestititivetocotoretorytps:tputtractrantrictructtpsttritureub.cui" +
	"ntumenumerunctundeunitupdauppouratuseruteduthoutilutpuvateventvicevidevoidwaitwarewhenxcepype:ytes .add.app.ass.boo.cl" +
	"a.fil.kaf.nam.org.par.pro.res.run.ser.set.sta.uti.val.wit/lic/tra_equ_nam_proa.coaaaaacceaccoackeactoaddiaefiafteage.a" +
	"geragesaileailsainsallballeallyametamicanagannoansiantiapi.apsharcharenargoargsarguariaarshassiata.atalate.ate_aterati" +
	"vatteaturautoava.awaibasibeanbefobelsbilibindbledbodybootbuffcargccesccoucertcharchedckercleaclouclusconvcorecribcty.c" +
	"urrcustddredebudefedencdepeder.dfladiagdiffdlerdockdowndpoidresduceduradynae.coe.kaeacheamseaseeatuebugect.ectsecuredi" +
	"sefikefixeforelecelemeletelf.embeemotemovemplenabenamencoendiendpengtensient_entaenteeouteparepenepliepreercoerederene" +
	"reserfaeriaericerifermierreerriers.erteerttertyeseneseresolespaessoestcesteestoestretchetheetryetwoetypeveleverexamexe" +
	"cexisexpoexprext.extefacefactfatafeatferefetcficafiedfig.figsfiltfinefinifirsfka.flagflarfmt.forefounfterftwag.apg.spg" +
	"ategestgfraggergreegresgumegureharehavehe.khelpherehichhinghis-histhouthrowiagsibleicesidatideniginildeiledilesilitils" +
	".ilteimagime.imeoimesinatindiindoineding_ingfinglinpuintfintsinvaion_ionciredirstissiistoitemitheithoitiaitinitteiveri" +
	"zedizerjavajoink.boka.ckerskeyskindkingknowlabllacelagslanglarelastlatilbaclderleadleanleaslenglesslevelidaliedlinglit" +
	"yllballecllerlogglongloseloudloweludelueslugilustmagemainmakemanamarkmarsmatimedimembmeoumespmestmetemewomissmmitmmonm" +
	"oremotemovemplamplimponmultmustnablnagenaminapsncluncodnconndenndinnditndowndponentneranersnetwnextnforngfrnglengthnkn" +
	"onmennnotnoernonenotanownnputnsednsesnstrntegntimntinntrintronumbnvalnverocalocatocoloconodeloducoerroftwoggeograojeco" +
	"kenoleaolicolumolveommiommoompaomplompoondionenonlyonmeonveooleoot.openoptsopyroragordeordsorg/origorreors.orteositost" +
	"iotatotheotocoudfouteparepassperapermpersplacplanplatplempletplieplugpoliponeposipostprefprevprodprojpromproxpshopyriq" +
	"uerraceractraefragerantratorconrderrdinreacreferefireflrencreporestretrrfacrg.arg.srgumrialribericsrideriesrighrigirit" +
	"yrk.brmisrnalrninrodurojerokerollrootrorfrrenrridrshart_ertedrteqrtiertifrtthrunnrunts.cos.rescalsconsecosecuselesends" +
	"entsesssetssettshalsharshotsiblsitisnapsocksoftsolvsomespanssigssorstacstamstemstenstomstrysubssyncsystt.cot.ert_eqtac" +
	"ktailtamptchetcontequter.teratereterftermterrtforthenthinthouthreticatifitil.tilstnamtoketoratprotraetroltstrttertthat" +
	"tp.twartworualsudflueryuffeuginultiultsumbeunknuntiuresurl_urnsurreusedusinusteustoutesvariveriverrvertviewwarnwhicwil" +
	"lwindwordxampxistxporxprextenynamypesyrigyste -con-sdk-uni.api.aut.bui.cli.clo.cre.dat.def.des.equ.exp.fat.for.has.hea" +
	".int.io/.joi.key.loc.log.map.mes.met.moc.mod.noe.pat.put.rea.req.sec.siz.sto.tes.tim.tom.typ.wri//////ww/clo/com/con/p" +
	"ro/pul/tes/wor/www://w_add_com_dat_dir_err_fil_for_get_key_met_not_par_pat_req_res_set_sta_str_tes_tim_tra_typ_val_ver" +
	"_wita.utabasabilacksactuaddeadinadmiaforage:agnoagreags.ailaailuaintaisealanaliaall.alrealsoalthaltoamerams.andaandean" +
	"doandsanglanguanifanneans-ansaansfanspappiare/aredaresarniasesasisasksasswasteasynatabate:atecategatematetatewatfoath." +
	"athsatinattaauseavaibalabatcbbbbbeenbersbinable.ble_blesblisblobbounbreabrokbscrbserbtaibuckbundbutibutocablcanncauscc" +
	"epceivchaichercheschilchinchunciesckedckenckincodicolocoluconccoorcopecorpcorrcovecparcredcretcrypctuacumecuridatidcon" +
	"ddeddditddleddrsdecodeprderederiderrdesedestdetadetedevedicadictdigedinadisadiscdispdlewdmindocudoesdomadonedoutdowsdr" +
	"ivdrs.e.noe.ore.see/woe_coe_nae_reeacteadyealtearceasyecateceiecksecodecomecreecutedatedenedireditedreefleegategeregme" +
	"eigheinfeinseitheiveelateldseleaelloelogelpeemaiemetemorenciencyendsent-ent:entcentlenumenviepateplaeplyepoceporeposep" +
	"roer.aer.cer.seralerdeerecereqergeeriderieerinerneernierprerraerrners-ers:erseersoerstert.ervaes/lesetess_esseest-estd" +
	"etaietcdetcoetesetimetopetreetstettietupevalewarewayexitexpiextreyvafestfierfik/findflecfloaflowfollfonyforcforwfreefu" +
	"llfutug/ligatigentger.get_getagetcgetpgetsgettgginginaginggiveglerglobgmengnedgnmegnorgnosgooggovegradgramgratgrpcguag" +
	"hainhannhe.ohealhellhemehentheushifthildholdhorihorshorthreahtmlhunkhutdiabliagnialsianciateica/icabicalicpaics.iddlie" +
	"d.ies.ies:ifesiffeigesignaigneignmignoigrailabile.ile_ilenilerilliilurinceinesing-ing:ingrinininseintointpinueinuxinvo" +
	"ion-ion/iondioneioniionmionpionriontipleiptoire.ire_ironis.cisabiscoisioissuistiistsitatitchitesith_itleitority.iveniv" +
	"esixedizatize_job:ka.skendker.ketskeyvlanclatflayele.clegalenaletilewalianlibclicylintlinulishlivellablledllisllocloat" +
	"lobalog.logsloptlperltiplue.lue:lumelumnlurelverm/clmailmallmanimappmaryme.smemomergmerimfonmic.middmigrmillminamingmi" +
	"nimitamitemittmizemmenmobymodimon.morymounmparmpatmpilmpl.mpremt.emt.sn.clnarynatenatinatonce.ncelncesnciendarndatndef" +
	"needner.nestnexpng.tngerngesnginngrengs.nguanifenit.nlesnlinnlocnmarnnelnnernninnorenormnostnotenotinpronresns-unsacns" +
	"afnse-nsernsfonsibnsionsponstentatntedntianticntientifntitntptnts.nviroadeobalobtaockiocksocumode.ode:oderodesodifodin" +
	"ofilogleogreoimpokerolloolorom/comaiometomitommeompiompron.conceoncoondsoninonreons/ontioogloordopt_orcoord:ordiore.or" +
	"eaoredoresoritorizorksormeort:ortsorwaostrotalotecotoioupsoutiowedowerowinownep://pagepatcpattpeerperipes.picppicspile" +
	"pingpireplayple.plespliapochpoolposeppedpperppinpplyprecprofprogptorpullpushquenqueuquotr.clr.corablrackraforaftrailra" +
	"inraisramsrandrapprcesre/wreakreasrecareceredereedref:regarelareleremerenarendrepareprreshrevirg/lriabricarifyritirive" +
	"rmalrminrnamrnedrofirogrroleromeronmropsroterounrowsroxyrprorrafrranrrecrresrrnors-srs.nrserrsonrterrtiorulerustrvalrw" +
	"arrypts-sds-uns.ads.ass.ges.nes.prs.ses.sts/lis_cos_resablsactsafesamesampscopsdk/searsecrsectsegmsequserdses/set.set_" +
	"setusforshedshifshipshorshutsidesimpsincskinskipslicsmodson.son:sortspatsporsresssedssesssetssinssuesswostabstalstcost" +
	"destdostedstepsticstogstopstrosubjsuccsuchsureswarswitsworsymfsys_sysct.fat.get.spt_retabatachtagstalftalltandtanttats" +
	"tchitdattdertdowteadtectted.ted:ted_tedetegetegrteletemstenctendtenetenster_tercteritervtes.tewathantheuticeticstinuti" +
	"pltitltitytmettogrtoimtomatomitomltonetooltopttor.toritorstosttotatp:/tptrtraitrattreetreqtrestrietruntry.tspatstattac" +
	"ttedttinttp:ttp_ttyptualtvalty.suageubjeubscucceuceruckeueueule_ulesull/ullault.ult:ult_undlunexunleunlounmaunneunniun" +
	"saunteure.ureduritutdouterutheutinutioutocutoruturva.uvailvectver.verevernveryvirovisivoluw.apwantwardwarmwarrwatcwher" +
	"wirewitcwnerwranwrapww.awww.xecuxpirxt.cxtray.styamlyingymfoyourype.ype_yscayvalzatizero"

const (
	mostFrequent  = 8  // the first grams make up 2^-8 or less
	leastFrequent = 15 // what is not listed makes up less than 2^-15
)

// gramRarity says how rare a gram is, in the units of rarity: the ones that are
// listed by their hash, so one that is not may be taken for one that is.
type gramRarity [1 << gramBits]uint8

func newGramRarity() *gramRarity {
	t := new(gramRarity)
	for k, band := range strings.Fields(frequentGrams) {
		for i := 0; i < len(band); i += lanes {
			t[gramHash(gramOf(band[i:]))] = uint8(4 * (mostFrequent + k))
		}
	}
	return t
}

// of is the rarity of a gram for which single bytes and pairs say guess. Where
// none of its bytes could stand in the list, nothing is known beside that.
func (t *gramRarity) of(gram uint32, guess int) int {
	if known := int(t[gramHash(gram)]); known > 0 {
		return min(guess, known)
	}
	for i := range lanes {
		if !isListed(byte(gram >> (8 * i))) {
			return guess
		}
	}
	return max(guess, 4*leastFrequent)
}

// isListed reports whether grams with c stand in frequentGrams. The bytes of a gram
// have the bit 0x20 set.
func isListed(c byte) bool {
	return 'a' <= c && c <= 'z' || c == '-' || c == '.' || c == '/' || c == ':' || c == '_'|0x20
}
