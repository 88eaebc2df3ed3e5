/**
 * The passwords that guessers try first, of eight characters or more; shorter ones are refused anyway. It stands in for a list of
 * breached passwords, which is too long to keep here and may not be asked for over the network (docs/security.md).
 */
const words = `
!qaz2wsx 00000000 01234567 0123456789 0987654321 10101010 11111111 11223344 1122334455 112233445566 12121212
123123123 123321123 12341234 1234512345 123454321 1234554321 12345678 123456789 1234567890 12345678910
123456789a 123456789q 12345678a 123456abc 12345abc 1234abcd 1234qwer 123654789 123qwe123 123qweasd
123qweasdzxc 12qwaszx 13579246 135792468 147258369 147852369 159753456 19841984 1q2w3e4r 1q2w3e4r5t
1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 20202020 20252025 20262026 246813579 31415926 3141592653 321321321
741852963 789456123 87654321 963852741 987654321 9876543210 a1234567 a12345678 a123456789 a1b2c3d4 a1b2c3d4e5
aa123456 aa12345678 aaaa1111 abc12345 abc123456 abc123abc abcabc123 abcd1234 abcd1234! abcd12345 abcdefg1
abcdefgh abcdefghi abcdefghij access14 accountant accounting accounting1 admin123 admin123! admin1234
admin12345 adminadmin administrator alexander alexandra amazon123 amazon1234 america1 andrew123 angel123
angels123 anthony1 arsenal1 asdf1234 asdfasdf asdfghjk asdfghjkl asdfjkl; ashley123 austin123 autumn2025
autumn2026 azerty123 azertyuiop babyboy1 babygirl babygirl1 banana123 barcelona baseball baseball1 basketball
batman123 benjamin bitcoin1 bitcoin123 blessed1 blink182 bookkeeping boston123 business business1 butterfly
butterfly1 canada123 changeit changeme changeme1 changeme123 charlie1 cheese123 chelsea1 chicago1 chocolate
chocolate1 christian christopher company1 company123 computer computer1 cookie123 corvette cowboys1 dallas123
daniel123 danielle december default1 default123 demo1234 demodemo dollar123 dragon123 dragonball ebay1234
elizabeth elizabeth1 eminem123 etsy1234 facebook facebook1 faith123 february ferrari1 flower123 football
football1 freedom1 friday123 garfield germany1 goodbye1 google123 guest123 guest1234 heaven123 hello123
hello123! hello1234 hellokitty helloworld honey123 hunter123 hunter2hunter ilovegod iloveu123 iloveyou
iloveyou! iloveyou1 iloveyou123 iloveyou2 india123 india1234 instagram internet inventory inventory1 iphone123
january1 january2025 january2026 jennifer jennifer1 jessica1 jesus123 jesus777 jesuschrist jonathan jordan23
joshua123 juventus killer123 lakers24 letmein1 letmein123 letmeinnow linkedin liverpool liverpool1 login123
london123 lotbook1 lotbook123 lovelove loveme123 loveyou1 manchester manutd123 master123 matthew1 mercedes
metallica michael1 michelle michelle1 microsoft monday123 money123 moneymoney monkey123 mumbai123 mustang1
mypassword myshop123 mystore1 newpassword newyork1 newyork123 nicholas nicole123 nirvana1 nopassword november
october1 office123 p4ssw0rd p@ssw0rd p@ssw0rd1 p@ssword p@ssword1 pa$$word pa55word pakistan paris123 passpass
passport passw0rd passw0rd! password password! password01 password1 password1! password11 password12
password123 password123! password1234 password12345 password2 password2020 password2021 password2022
password2023 password2024 password2025 password2026 password99 patrick1 pokemon1 pokemon123 porsche1 princess
princess1 q1w2e3r4 q1w2e3r4t5 qazwsx123 qazwsxedc quickbooks qwe123qwe qweasd123 qweasdzxc qweqweqwe qwer1234
qwer1234! qwerasdf qwerty1! qwerty12 qwerty123 qwerty123! qwerty1234 qwerty12345 qwerty123456 qwertyui
qwertyuiop qwertz123 qwertzuiop realmadrid redskins richard1 robert123 rockstar rockyou1 root1234 rootroot
samantha samantha1 samsung1 samsung123 saturday scooby123 secret123 secret1234 seller123 september shadow123
shopify1 shopify123 slipknot snapchat snoopy123 softball spiderman spring2025 spring2026 starwars starwars1
steelers stephanie store123 summer12 summer123 summer2024 summer2025 summer2025! summer2026 sunshine sunshine1
superman superman1 supersecret sweetheart sweetpea test123! test1234 test12345 testing1 testing123 testtest
thepassword thomas123 thursday tinkerbell toor1234 topsecret trustno1 trustnoone tuesday1 user1234 user12345
username victoria volleyball wednesday welcome1 welcome1! welcome12 welcome123 welcome2024 welcome2025
welcome2026 whatever whatever1 william1 windows10 windows11 winter123 winter2024 winter2025 winter2025!
winter2026 yankees1 yourpassword youtube1 zaq12wsx zaq1zaq1 zxcvasdf zxcvbnm, zxcvbnm1 zxcvbnm123
`;

/** In small letters. */
export const commonPasswords: ReadonlySet<string> = new Set(words.trim().split(/\s+/));
