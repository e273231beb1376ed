//! Documents and files of three fixtures, each with other values.

/// Documents of three fixtures. Of the values between `<` and `>`, the first belongs to the fixture `a`, the second to `b`, the
/// third to `c`. Each source, certification, category, career and part has the slug or the key of its fixture.
///
/// The values of each column that sorts a list differ, and have an order that no other such column of the list has. Only slugs
/// have the order of the keys, which break ties.
pub(super) const DOCUMENTS: &str = r#"
kind: source
slug: <a|b|c>
title: <Midwest survey|Zonal survey|Alpine survey>
publisher: <Third office|First office|Second office>
---
kind: certification
slug: <a|b|c>
title: <Licensed coder|Registered coder|Certified coder>
abbreviation: <NX|BX|TX>
issuer: {name: <Council|Board|Academy>, fullName: An organization}
level: <ENTRY|MANAGER|VENDOR>
summary: About it.
---
kind: dataset
slug: <a|b|c>
title: <Regional counts|Yearly counts|Census>
publisher: <Survey office|Bureau|Agency>
release: First
licence: Public domain
attribution: An office
---
kind: category
slug: <a|b|c>
title: <Yards|Sites|Zones>
position: <3|2|1>
parents: <[]|[a]|[b]>
---
kind: career
shape: 2026-12-01
slug: <a|b|c>
title: <Mason|Cook|Welder>
summary: About it.
codes: [{scheme: SOC, version: "2018", code: <47-2021|35-2014|51-4121>, match: EXACT}]
tags: <[dawn, noon]|[noon]|[dusk]>
article:
  headline: A guide
  explanation: About it.
  author: {name: An author, kind: PERSON}
  category: <b|c|a>
  publishedOn: <2021-02-03|2022-02-03|2020-02-03>
  modifiedOn: 2025-05-01
pay: {median: {amount: <70000|40000|55000>, currency: USD, period: YEAR, source: a, asOf: 2025-05-01}}
outlook: {growth: {percent: <9|4|-3>, source: a, asOf: 2025-05-01}, throughYear: 2033, pace: AS_FAST_AS_AVERAGE}
workingHours: {perWeek: {low: <30|40|20>, high: <35|60|48>, source: a, asOf: 2025-05-01}}
entryRoutes: [{key: <a|b|c>, route: <STUDY|APPRENTICESHIP|WORK>, title: <Workshop|College|Office>}]
licences:
  - key: <a|b|c>
    kind: LICENCE
    title: <State board licence|Register of cooks|Permit to weld>
    place: <US-CA|GB|US-WA>
    need: <REQUIRED|VOLUNTARY|REQUIRED>
    authority: {name: An authority}
roles: [{key: <a|b|c>, title: <Planner|Helper|Driver>, level: <ENTRY|SENIOR|MID>}]
advancement:
  - {key: <a|b|c>, title: <Lead|Foreman|Owner>, from: <a|b|c>, to: <b|c|a>, toCareer: <b|c|a>, description: A step.}
certifications: [{certification: <c|a|b>, why: It helps., when: Early.}]
faq:
  - key: <a|b|c>
    question: <May I start early?|Which tools are needed?|Is it hard?>
    answer: <With care.|One's own.|Not where people **start** early.>
training:
  pathways:
    - key: <a|b|c>
      title: <Course of a school|Practice in a workshop|Evenings in a club>
      credential: <CERTIFICATE|MASTER|APPRENTICESHIP>
      duration: {low: <P6M|P3M|P9M>, high: <P3Y|P1Y|P2Y>, source: a, asOf: 2025-05-01}
      cost: {low: <200|300|100>, high: <3000|2000|1000>, currency: USD, source: a, asOf: 2025-05-01}
      suits: All.
aiImpact:
  verdict: <AUGMENTED|REDUCED|UNAFFECTED>
  summary: About it.
  bottomLine: About it.
  tasks:
    - key: <a|b|c>
      title: <Ordering|Quoting|Billing>
      handledBy: <AI|HUMAN|AI>
      description: About it.
      effect:
        measure: Hours
        change: {low: <-40|-60|-20>, high: <10|-5|-10>, source: a, asOf: 2025-05-01}
"#;

/// Files of data sets, each by the data set and its name, of three fixtures in the same way.
pub(super) const FILES: &[(&str, &str, &str, &str)] = &[
    ("onet", "Read Me.txt", "O*NET 30.3 Database\n", ""),
    (
        "onet",
        "occupation_data.csv",
        "O*NET-SOC Code,Title,Description\n",
        "<47-2021.00|35-2014.00|51-4121.00>,<Weavers|Masons|Cooks>,\n",
    ),
    (
        "onet",
        "job_zones.csv",
        "O*NET-SOC Code,Title,Job Zone,Date,Domain Source\n",
        "<47-2021.00|35-2014.00|51-4121.00>,,<3|4|2>,08/2023,Analyst\n",
    ),
    (
        "onet",
        "alternate_titles.csv",
        "O*NET-SOC Code,Title,Job Title,Short Title,Source(s)\n",
        "<47-2021.00|35-2014.00|51-4121.00>,,<Layer of bricks|Chef|Mate of seams>,,01\n",
    ),
    (
        "onet",
        "content_model_reference.csv",
        "Element ID,Element Name,Description\n",
        "<2.A.1.a|2.C.3.a|1.A.1.a>,<Reading|Computers|Sight>,\n<4.A.1.a|1.D.1.a|1.B.1.a>,<Looking|Care|Realistic>,\n",
    ),
    (
        "onet",
        "skills.csv",
        "O*NET-SOC Code,Element ID,Scale ID,Data Value,N,Standard Error,Lower CI Bound,Upper CI Bound,Recommend Suppress,Not Relevant,\
         Date,Domain Source\n",
        "<47-2021.00|35-2014.00|51-4121.00>,2.A.1.a,IM,<4|1|3>,8,,,,N,,,\n",
    ),
    (
        "onet",
        "knowledge.csv",
        "O*NET-SOC Code,Element ID,Scale ID,Data Value,N,Standard Error,Lower CI Bound,Upper CI Bound,Recommend Suppress,Not Relevant,\
         Date,Domain Source\n",
        "<47-2021.00|35-2014.00|51-4121.00>,2.C.3.a,IM,<1|3|4>,8,,,,N,,,\n",
    ),
    (
        "onet",
        "abilities.csv",
        "O*NET-SOC Code,Element ID,Scale ID,Data Value,N,Standard Error,Lower CI Bound,Upper CI Bound,Recommend Suppress,Not Relevant,\
         Date,Domain Source\n",
        "<47-2021.00|35-2014.00|51-4121.00>,1.A.1.a,IM,<1|2|4>,8,,,,N,,,\n",
    ),
    (
        "onet",
        "work_activities.csv",
        "O*NET-SOC Code,Element ID,Scale ID,Data Value,N,Standard Error,Lower CI Bound,Upper CI Bound,Recommend Suppress,Not Relevant,\
         Date,Domain Source\n",
        "<47-2021.00|35-2014.00|51-4121.00>,4.A.1.a,IM,<1|4|2>,8,,,,N,,,\n",
    ),
    (
        "onet",
        "work_styles.csv",
        "O*NET-SOC Code,Element ID,Scale ID,Data Value,Date,Domain Source\n",
        "<47-2021.00|35-2014.00|51-4121.00>,1.D.1.a,WI,<2|1|1.5>,,\n",
    ),
    (
        "onet",
        "interests.csv",
        "O*NET-SOC Code,Element ID,Scale ID,Data Value,Date,Domain Source\n",
        "<47-2021.00|35-2014.00|51-4121.00>,1.B.1.a,OI,<6|1|5>,,\n",
    ),
    (
        "onet",
        "work_values.csv",
        "O*NET-SOC Code,Element ID,Scale ID,Data Value,Date,Domain Source\n",
        "<47-2021.00|35-2014.00|51-4121.00>,1.B.1.a,EX,<1|6|2>,,\n",
    ),
    (
        "onet",
        "technology_skills.csv",
        "O*NET-SOC Code,Workplace Example,Element ID,Element Name,Hot Technology,In Demand\n",
        "<47-2021.00|35-2014.00|51-4121.00>,<C|C++|C#>,2.E.1.a,Software,<N|Y|N>,N\n",
    ),
    (
        "soc-crosswalks",
        "onetsoc_2019_structure.csv",
        "Major Group,Minor Group,Broad Occupation,Detailed Occupation,Detailed O*NET-SOC,SOC or O*NET-SOC 2019 Title\n",
        "<47-0000|35-0000|51-0000>,,,,,Major\n,<47-2000|35-2000|51-4000>,,,,Minor\n,,<47-2020|35-2010|51-4120>,,,Broad\n\
         ,,,<47-2021|35-2014|51-4121>,,Detailed\n",
    ),
    (
        "bls-oews",
        "oews_2025_national.csv",
        "area_code,area_type,state_fips,area_title,soc_code,soc_title,soc_level,tot_emp,emp_prse,h_mean,a_mean,mean_prse,h_pct10,\
         h_pct25,h_median,h_pct75,h_pct90,a_pct10,a_pct25,a_median,a_pct75,a_pct90,jobs_1000,loc_quotient,footnotes\n",
        "<0600000,S,06,California|0010420,M,39,\"Akron, OH\"|0000000,N,00,Nation>,<47-2021|35-2014|51-4121>,Title,3,1,1,1,1,1,1,1,1,1,1,1,1,\
         <70000|40000|55000>,1,1,1,1,\n",
    ),
];

/// The fixtures whose keys are codes.
pub(super) const CODES: [(&str, &str); 6] =
    [("47-2021.00", "a"), ("35-2014.00", "b"), ("51-4121.00", "c"), ("US-CA", "a"), ("10420", "b"), ("US", "c")];
