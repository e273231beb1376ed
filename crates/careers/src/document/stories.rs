//! The section `stories`: people in a career, in their own words.
use kernel::{RichText, Text, Url, object, section};
use pages::Image;

/// Stories of people in the career, as a section.
#[section(key = "stories")]
pub struct StoriesSection {
    /// Stories of people in this career. The editor has asked them for their consent.
    pub stories: Vec<Story>,
}

/// Story of a person in a career.
#[object]
pub struct Story {
    /// The name by which the person wants to be called.
    pub name: Text,
    /// Role of the person, such as a job title and the employer.
    pub role: Option<Text>,
    /// A sentence of the person, without quotation marks.
    pub quote: Option<Text>,
    /// The story.
    pub text: Option<RichText>,
    /// A picture of the person.
    pub image: Option<Image>,
    /// Address of a video.
    pub video: Option<Url>,
}
