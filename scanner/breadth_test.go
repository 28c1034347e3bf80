package scanner

import (
	"math/rand/v2"
	"strings"
	"testing"

	"keyrake/rules"
)

// Many services hand out keys without any mark. What tells them is the name of
// the service, the word for a credential, and a value that looks random.
var services = strings.Fields(`abstract adafruit adobe aha airbrake airvisual alegra aletheia alphavantage amadeus apiflash apify appfollow
	appsflyer autopilot avaza aylien bannerbear baremetrics bitly blogger bombbomb box branch bugherd buttercms caflou calendarific
	cannyio capsulecrm censys chartmogul cicero clearbit clickhelp clicksend clockify closecrm cloudelements cloudmersive coinapi
	coinlayer companyhub convertkit copper countrylayer currencycloud currencylayer dandelion dfuse ditto dotmailer dovico dynalist
	easyinsight edamam eightxeight envoy etherscan eventbrite everhour fastforex fibery file-io finnhub fixerio flatio fleetbase
	flickr flightapi float flowflu fmfw formcraft freshbooks front fullstory fxmarket geckoboard gengo geoapify geocode geocodio
	getgeoapi giphy gitter guardianapi gyazo harvest heatmapapi holidayapi host humanity hunter hypertrack impala insightly
	ip2location ipapi ipgeolocation ipinfo ipquality ipstack jotform juro kanban karmacrm keenio kontent kucoin lessannoyingcrm
	linenotify loadmill locationiq lokalise macaddress magnetic mailboxlayer marketstack mattermost mavenlink meaningcloud
	mediastack meistertask mesibo metaapi mindmeister mixmax monday moosend nasdaq newsapi newscatcher nicereply nimble nutritionix
	nytimes onedesk onwater oopspam openuv optimizely owlbot paymo paymongo pepipost pipedream pixabay podio pollsapi poloniex
	positionstack prodpad proxycrawl qase qualaroo quickmetrics rapidapi rawg readme rebrandly refiner restpack rocketreach
	route4me runrunit salesblink salesmate satismeter scraperapi scrapingbee screenshotapi selectpdf sheety shodan shortcut shotstack
	signable signaturit simplesat skrapp snipcart sparkpost spoonacular sportradar squareup stormglass stripo surveysparrow swell
	tatum technicalanalysis telnyx teletype textmagic thinkific ticketmaster tiingo timezoneapi tmdb toggltrack transferwise
	tru twelvedata unify unsplash upcdatabase uplead uproc urlscan userstack vatlayer verimail veriphone virustotal visualcrossing
	voicegain vouchery vpnapi weatherbit weatherstack webscraper whoxy worksnaps wrike yandex yelp youneedabudget zendesk
	zenserp zeplin zipapi zipcodeapi zonka`)

type spelling struct{ name, text string }

// In a text, ‹P› is the service (acme), ‹U› in upper case, ‹C› capitalised; ‹V› is the value.
var spellings = []spelling{
	{"env api key", "‹U›_API_KEY=‹V›"},
	{"env key", "‹U›_KEY=‹V›"},
	{"env token", "‹U›_TOKEN=‹V›"},
	{"env secret, quoted", `export ‹U›_SECRET="‹V›"`},
	{"json snake", `{"‹P›_api_key": "‹V›"}`},
	{"json camel", `{"‹P›ApiKey":"‹V›"}`},
	{"json nested", "{\n  \"‹P›\": {\n    \"apiKey\": \"‹V›\"\n  }\n}"},
	{"json nested key", "{\n  \"‹P›\": {\n    \"key\": \"‹V›\"\n  }\n}"},
	{"yaml nested", "‹P›:\n  enabled: true\n  api_key: ‹V›\n"},
	{"yaml nested key", "‹P›:\n  key: ‹V›\n"},
	{"yaml token", "‹P›_token: ‹V›\n"},
	{"toml", "[‹P›]\napi_key = \"‹V›\"\n"},
	{"ini", "[‹P›]\ntoken=‹V›\n"},
	{"js const", `const ‹P›ApiKey = "‹V›";`},
	{"js key", `const ‹P›Key = '‹V›';`},
	{"js client", `const client = new ‹C›({ apiKey: "‹V›" });`},
	{"js positional", `const ‹P› = new ‹C›("‹V›");`},
	{"js client positional", `const client = new ‹C›Client('‹V›');`},
	{"python attribute", `‹P›.api_key = "‹V›"`},
	{"python client", `client = ‹P›.Client(api_key="‹V›")`},
	{"python positional", `client = ‹C›("‹V›")`},
	{"python environ", `os.environ["‹U›_API_KEY"] = "‹V›"`},
	{"go", `‹P›Token := "‹V›"`},
	{"php", `define('‹U›_API_KEY', '‹V›');`},
	{"ruby", `‹C›.configure { |c| c.api_key = '‹V›' }`},
	{"curl bearer", `curl -H "Authorization: Bearer ‹V›" https://api.‹P›.com/v1/items`},
	{"curl header", `curl -H "X-Api-Key: ‹V›" https://api.‹P›.com/v1/items`},
	{"curl own header", `curl -H "X-‹C›-Key: ‹V›" https://api.‹P›.com/v1/items`},
	{"curl user", `curl -u "‹V›:" https://api.‹P›.com/v1/items`},
	{"url api_key", `https://api.‹P›.com/v1/items?api_key=‹V›&limit=10`},
	{"url apikey", `fetch("https://api.‹P›.com/v1/items?apikey=‹V›")`},
	{"url key", `GET https://api.‹P›.com/v1/items?key=‹V›`},
	{"url token", `https://api.‹P›.com/v1/items?token=‹V›`},
	{"url access_key", `http://api.‹P›.com/latest?access_key=‹V›`},
	{"xml", `<‹P›ApiKey>‹V›</‹P›ApiKey>`},
	{"xml add", `<add key="‹C›ApiKey" value="‹V›" />`},
	{"log key", "[DEBUG] Using ‹C› Key=‹V›"},
	{"prose", "The ‹C› API key is ‹V› for now."},
	{"prose colon", "‹C› token: ‹V›"},
	{"php key", `define('‹U›_KEY', '‹V›');`},
	{"command line key", "‹P› configure --key ‹V› --region eu"},
	{"command line token", "‹P› login --token=‹V›"},
	{"gh secret set", `gh secret set ‹U›_TOKEN --body "‹V›"`},
	{"own line", "authtoken ‹V›\nregion eu"},
	{"header scheme", `curl -H "Authorization: Key ‹V›" https://api.‹P›.com/v1/items`},
	{"markdown", "* **API Key**: ‹V›"},
	{"log api key", "‹P› api key = ‹V›"},
	{"bare under heading", "# ‹C› API\n\nkey = ‹V›\n"},
}

var shapesOfKeys = []struct {
	alphabet string
	n        int
}{
	{"0123456789abcdef", 32}, {"0123456789abcdef", 40}, {"0123456789abcdef", 64},
	{letterSet, 20}, {letterSet, 24}, {letterSet, 32}, {letterSet, 40}, {letterSet, 64},
	{"0123456789abcdefghijklmnopqrstuvwxyz", 25}, {"0123456789abcdefghijklmnopqrstuvwxyz", 32}, {"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 32},
	{letterSet + "-_", 43},
}

const letterSet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// TestBreadth searches for keys of services that have no rule of their own.
func TestBreadth(t *testing.T) {
	sequential(t)
	s, err := newScan(Options{Rules: rules.Builtin()}, "files")
	if err != nil {
		t.Fatal(err)
	}
	f := &s.workers[0].searcher
	rng := rand.New(rand.NewPCG(7, 11))
	total, found := 0, 0
	share := map[string][2]int{}
	for _, p := range services {
		for _, sp := range spellings {
			shape := shapesOfKeys[rng.IntN(len(shapesOfKeys))]
			b := make([]byte, shape.n)
			for i := range b {
				b[i] = shape.alphabet[rng.IntN(len(shape.alphabet))]
			}
			v := string(b)
			snake := strings.ReplaceAll(p, "-", "_")
			text := strings.NewReplacer("‹P›", snake, "‹U›", strings.ToUpper(snake), "‹C›", strings.ToUpper(p[:1])+p[1:], "‹V›", v).Replace(sp.text)
			text = "first line\n" + text + "\nlast line\n"
			at := strings.Index(text, v)
			var st state
			f.whole(&st, []byte(text))
			ok := false
			for i := range st.hits {
				ok = ok || st.hits[i].from() < at+len(v) && st.hits[i].to() > at
			}
			n := share[sp.name]
			n[1]++
			total++
			if ok {
				n[0]++
				found++
			}
			share[sp.name] = n
		}
	}
	for _, sp := range spellings {
		n := share[sp.name]
		t.Logf("%-22s %5.1f %%", sp.name, 100*float64(n[0])/float64(n[1]))
	}
	t.Logf("%d services, %d of %d found", len(services), found, total)
	if got := float64(found) / float64(total); got < 0.92 {
		t.Errorf("%.3f found, want 0.92", got)
	}
}
