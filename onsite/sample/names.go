package sample

// The words that the sample is made of: our own lists, spread over the
// languages and scripts that a real installation holds.

var firstNames = []string{
	"Astrid", "Bjørn", "Kari", "Øyvind", "Åse", "Jørn", "Ingrid", "Håkon", "Solveig", "Terje",
	"Anna", "Jürgen", "Käthe", "Wolfgang", "Sören", "Günther", "Björn", "Gerd", "Lars", "Mette",
	"Marie", "Noël", "Chloé", "André", "Jan", "Pieter", "Łukasz", "Zoë", "Emma", "Oliver",
	"Hanne", "Nils", "Sigrid", "Tor", "Eva", "Ole", "Ragnhild", "Magnus", "Silje", "Espen",
}

var lastNames = []string{
	"Lund", "Nordmann", "Øverland", "Ås", "Bjørnstad", "Dahl", "Hansen", "Kjærstad", "Moen", "Sæther",
	"Müller", "Schäfer", "Weiß", "Groß", "Jäger", "Köhler", "van den Berg", "de Vries", "Kowalski", "Nowak",
	"O'Brien", "Smith", "Lefèvre", "Dubois", "Andersen", "Søndergaard", "Lindström", "Åkesson", "Virtanen", "Mäkinen",
	"Haugen", "Berge", "Nygård", "Solberg", "Tveit", "Vik", "Strand", "Eide", "Bakke", "Holm",
}

// kanaNames are Japanese people: last name, first name, reading, mail name.
var kanaNames = [][4]string{
	{"田中", "健一", "タナカ ケンイチ", "k.tanaka"}, {"佐藤", "美咲", "サトウ ミサキ", "m.sato"},
	{"鈴木", "大輔", "スズキ ダイスケ", "d.suzuki"}, {"高橋", "由美", "タカハシ ユミ", "y.takahashi"},
}

var companyWords = []string{
	"Nordlys", "Fjell", "Havn", "Bølge", "Granitt", "Ørn", "Åker", "Vind", "Sølv", "Rein",
	"Brücke", "Größe", "Falke", "Linden", "Stern", "Delta", "Atlas", "Orion", "Vega", "Tulip",
}

var companyKinds = []string{
	"Bygg AS", "Data AS", "Shipping ASA", "Eiendom AS", "Maschinenbau GmbH", "Logistik AG", "Søn & Datter ApS",
	"Consulting Ltd", "Trading B.V.", "Energi AB", "Möbel KG", "商事株式会社", "& Co.", "Frisør – \"Klipp\"",
}

var streets = []string{"Storgata", "Kirkeveien", "Fjordveien", "Hauptstraße", "Königsallee", "Keizersgracht", "Drottninggatan", "High Street"}

var cities = []string{"Oslo", "Bergen", "Tromsø", "Ålesund", "München", "Köln", "Zürich", "Amsterdam", "Malmö", "東京"}

// phrases are short texts for follow-ups, tickets and notes.
var phrases = []string{
	"Ring kunden om fornyelse av avtalen", "Møte om levering før påske", "Oppfølging etter messen i Ålesund",
	"Angebot nachfassen – Größe klären", "Rückruf wegen Lieferverzögerung", "Vertrag prüfen (§ 7)",
	"Follow up on the quote", "Send price list 100% complete", "Customer asks for a demo 🚀",
	"見積書を送付する", "契約更新の打ち合わせ", "Tak for sidst; vi sender tilbuddet i næste uge",
	"Klachten over de factuur", "Facture à vérifier : 5 € d'écart", "Underskrift mangler 🙏", "Bestilt: 12 stk. blåbærsyltetøy",
}

var ticketTitles = []string{
	"Får ikke logget inn", "Feil på faktura 10042", "Drucker meldet Fehler", "Spørsmål om levering", "Passord glemt",
	"Rechnung doppelt erhalten", "Cannot open the attachment", "注文の確認", "Retur av vare", "Takk for rask hjelp 😊",
}

var documentWords = []string{
	"Tilbud", "Kontrakt", "Møtereferat", "Brev", "Angebot", "Vertrag", "Protokoll", "Offer", "Minutes", "Rapport",
}

var documentEndings = []string{".docx", ".docx", ".docx", ".pdf", ".pdf", ".xlsx", ".pptx", ".doc", ".msg", ".eml", ".txt", ".htm"}

// oddNames are document names that have broken tools before; %d is the id.
var oddNames = []string{
	"Brev med mellomrom %d.docx", "Årsrapport æøå ÆØÅ %d.pdf", "Angebot Größe ÄÖÜ ß %d.docx", "見積書 %d 最終版.docx",
	"Referat[%d].docx", "100%% rabatt %d.xlsx", "Notat %d.", "Sluttrapport %d - " + longName + ".docx",
	"Smørbrød %d 🚢.msg", "a+b&c=d;e %d (kopi).txt", "#%d ~ 'sitat' ^test^.docx", "README %d",
	"mai.2019.endelig.v2 %d.pdf", " ledende mellomrom %d.docx", "%%20 %d %%5B1%%5D.html", "ＦＵＬＬ－ＷＩＤＴＨ %d.doc",
}

const longName = "en svært lang tittel som noen en gang skrev i feltet for overskrift og som siden ble navnet på filen " +
	"fordi ingen grense stanset den før den nådde omtrent to hundre tegn i alt"

var departments = []string{"Salg", "Kundeservice", "Markedsføring", "Ledelse", "Økonomi", "IT", "Vertrieb München", "日本支社"}

var positions = []string{"Daglig leder", "Salgssjef", "Konsulent", "Kundebehandler", "Markedssjef", "Økonomisjef", "Utvikler", "Lærling"}
