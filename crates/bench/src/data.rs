//! Releases of data sets that nobody has published, in the layouts of the publishers: figures of the occupations that careers name.
use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
};

use crate::{Result, generate::occupation, process};

/// Number of occupations.
const OCCUPATIONS: usize = 1_000;
/// Number of tasks of an occupation.
const TASKS: usize = 20;
/// Elements of the content model that occupations are rated by.
const SKILLS: usize = 35;
/// States for which wages are published, by their numbers.
const STATES: [(&str, &str); 12] = [
    ("01", "Alabama"),
    ("04", "Arizona"),
    ("06", "California"),
    ("08", "Colorado"),
    ("12", "Florida"),
    ("17", "Illinois"),
    ("26", "Michigan"),
    ("36", "New York"),
    ("39", "Ohio"),
    ("42", "Pennsylvania"),
    ("48", "Texas"),
    ("53", "Washington"),
];

/// The columns of a file of wages.
const WAGES: &str = "area_code,area_type,state_fips,area_title,soc_code,soc_title,soc_level,tot_emp,emp_prse,h_mean,a_mean,\
                     mean_prse,h_pct10,h_pct25,h_median,h_pct75,h_pct90,a_pct10,a_pct25,a_median,a_pct75,a_pct90,jobs_1000,\
                     loc_quotient,footnotes";

/// Writes the releases, and syncs them to a database by this program.
pub(crate) fn sync(program: &Path, folder: &Path, url: &str) -> Result<()> {
    let folder = folder.join("data");
    for (dataset, write) in [("onet", onet as fn(&Path) -> Result<()>), ("bls-oews", wages), ("ai-eloundou", exposure)]
    {
        let folder = folder.join(dataset);
        fs::create_dir_all(&folder)?;
        write(&folder)?;
        let mut command = process::on_core(program, None);
        command.args(["sync", dataset]).arg(&folder).args(["--publish", "--database-url", url]);
        process::output(&mut command, "careerql sync")?;
    }
    Ok(())
}

/// Writes a file, line by line.
fn lines(path: &Path, header: &str, mut each: impl FnMut(&mut dyn Write) -> std::io::Result<()>) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "{header}")?;
    each(&mut file)?;
    Ok(file.flush()?)
}

fn onet(folder: &Path) -> Result<()> {
    fs::write(folder.join("Read Me.txt"), "O*NET 30.3 Database\n")?;
    fs::write(
        folder.join("scales_reference.csv"),
        "Scale ID,Scale Name,Minimum,Maximum\nIM,Importance,1,5\nLV,Level,0,7\n",
    )?;
    lines(&folder.join("occupation_data.csv"), "O*NET-SOC Code,Title,Description", |file| {
        (0..OCCUPATIONS).try_for_each(|number| {
            writeln!(file, "{}.00,Occupation {number},Doing the work of occupation {number}.", occupation(number))
        })
    })?;
    let header = "O*NET-SOC Code,Title,Task ID,Task,Task Type,Incumbents Responding,Date,Domain Source";
    lines(&folder.join("task_statements.csv"), header, |file| {
        (0..OCCUPATIONS * TASKS).try_for_each(|task| {
            let code = occupation(task / TASKS);
            writeln!(
                file,
                "{code}.00,,{task},\"Check, sort and pass on the papers of part {task}.\",Core,40,08/2023,Incumbent"
            )
        })
    })?;
    lines(&folder.join("content_model_reference.csv"), "Element ID,Element Name,Description", |file| {
        writeln!(file, "2.A.1,Content,Skills that help to learn.")?;
        (0..SKILLS)
            .try_for_each(|skill| writeln!(file, "2.A.1.{skill},Skill {skill},Being able to do what {skill} asks."))
    })?;
    let header = "O*NET-SOC Code,Title,Element ID,Element Name,Scale ID,Scale Name,Data Value,N,Standard Error,Lower CI Bound,\
                  Upper CI Bound,Recommend Suppress,Not Relevant,Date,Domain Source";
    lines(&folder.join("essential_skills.csv"), header, |file| {
        (0..OCCUPATIONS * SKILLS).try_for_each(|row| {
            let (code, skill, part) = (occupation(row / SKILLS), row % SKILLS, row % 400);
            for scale in ["IM", "LV"] {
                writeln!(
                    file,
                    "{code}.00,,2.A.1.{skill},Skill {skill},{scale},,{}.{:02},8,0.1,1.0,4.9,N,N,08/2023,Analyst",
                    1 + part / 100,
                    part % 100
                )?;
            }
            Ok(())
        })
    })
}

fn wages(folder: &Path) -> Result<()> {
    let row = |file: &mut dyn Write, area: &str, number: usize, place: usize| {
        let annual = 30_000 + (number * 7_919 + place * 104_729) % 120_000;
        let hourly = annual / 2_080;
        writeln!(
            file,
            "{area},{},Occupation {number},3,1200,2.0,{hourly}.5,{annual},1.0,{hourly}.1,{hourly}.2,{hourly}.3,{hourly}.4,{hourly}.5,{},{},\
             {annual},{},{},1.0,1.0,",
            occupation(number),
            annual - 9_000,
            annual - 4_000,
            annual + 4_000,
            annual + 9_000,
        )
    };
    lines(&folder.join("oews_2025_national.csv"), WAGES, |file| {
        (0..OCCUPATIONS).try_for_each(|number| row(file, "0000000,N,00,National", number, 0))
    })?;
    lines(&folder.join("oews_2025_state.csv"), WAGES, |file| {
        for (place, (state, name)) in (1..).zip(STATES) {
            (0..OCCUPATIONS)
                .try_for_each(|number| row(file, &format!("{state}00000,S,{state},{name}"), number, place))?;
        }
        Ok(())
    })
}

fn exposure(folder: &Path) -> Result<()> {
    let header = "O*NET-SOC Code,Title,dv_rating_alpha,dv_rating_beta,dv_rating_gamma,human_rating_alpha,human_rating_beta,human_rating_gamma";
    lines(&folder.join("occ_level.csv"), header, |file| {
        (0..OCCUPATIONS).try_for_each(|number| {
            let part = number % 100;
            writeln!(
                file,
                "{}.00,Occupation {number},0.{part:02},0.{part:02},0.{part:02},0.{part:02},0.{part:02},0.{part:02}",
                occupation(number)
            )
        })
    })?;
    let header = "\tO*NET-SOC Code\tTask ID\tTask\tTask Type\tTitle\thuman_exposure_agg\tgpt4_exposure\tgpt4_exposure_alt_rubric\tgpt_3_relevant\t\
                  gpt4_automation\talpha\tbeta\tgamma\tautomation\thuman_labels";
    lines(&folder.join("full_labelset.tsv"), header, |file| {
        (0..OCCUPATIONS * TASKS).try_for_each(|task| {
            let code = occupation(task / TASKS);
            writeln!(file, "{task}\t{code}.00\t{task}.0\tCheck the papers.\tCore\tOccupation\tE1\tE1\tE1\tTrue\tT2\t1.0\t1.0\t1.0\t0.5\tE1")
        })
    })
}
